#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"
#include "app/config/config.h"
#include "app/gen/scenario.h"
#include "detectors/core/result.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

struct DemoOptions {
  gen::GenOptions traffic;
  Config config;  ///< what it says of Kafka is replaced
};

/// How far the demo is.
struct DemoProgress {
  Timestamp at;                           ///< of the traffic sent so far
  double done = 0;                        ///< share of the traffic, 0 to 1
  uint64_t spans = 0;                     ///< sent so far
  std::map<std::string, double> quality;  ///< latest quality index by service, 0 to 100
};

/// Called from the thread of run_demo().
struct DemoEvents {
  std::function<void(const gen::Scenario&)> on_start;  ///< all is running, traffic begins
  std::function<void(const DemoProgress&)> on_progress;
  std::function<void(const v1::Alert&)> on_alert;  ///< every transition
};

struct DemoReport {
  std::vector<v1::Alert> alerts;  ///< every transition
  Assessment assessment;          ///< points into `alerts`
  uint64_t spans = 0;
  uint64_t messages = 0;
  uint64_t requests = 0;
  double seconds = 0;
  std::vector<std::string> losses;  ///< what was written and not read, each a sentence; empty when nothing was
};

/// Simulated traffic through the embedded broker, the Kafka runner with all stages, and a subscriber of the public
/// topics, all in this process. The traffic is sent as fast as the stages take it.
///
/// Errors: of the options (`bad_option`, `unknown_scenario`), of make_flow() and KafkaRunner, and what ended a stage.
Result<DemoReport> run_demo(const DemoOptions& options, const DemoEvents& events);

}  // namespace tidewatch
