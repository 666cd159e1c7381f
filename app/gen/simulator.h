#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "app/gen/scenario.h"
#include "app/gen/traffic/users.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch::gen {

enum class Stream : uint8_t { traces, feedback };

/// One message as a producer would send it.
struct Emission {
  Timestamp export_time;  ///< when it is sent: at or after the last thing it tells of
  Stream stream;
  std::string payload;  ///< traces: OTLP in the encoding asked for; feedback: JSON
  std::string key;  ///< of the Kafka record: empty for traces (as the OpenTelemetry Collector sends them), the trace id
                    ///< of feedback
  size_t spans = 0;  ///< in payload
};

/// Simulates the traffic of a scenario, message by message in export order. The same options give the same messages.
/// Memory: what is open at a time (spans of a few seconds, feedback of a few hours).
class Simulator {
 public:
  /// Codes: those of build_scenario().
  static Result<Simulator> create(const GenOptions& options, OtlpEncoding encoding);
  const Scenario& scenario() const { return scenario_; }

  /// Hands every message to `emit`, whose export times never go back; stops early when it returns false. Every run is
  /// the same. `on_session_end`: hears of each session that has ended.
  void run(const std::function<bool(const Emission&)>& emit,
           const std::function<void(const Session&)>& on_session_end = {}) const;

 private:
  Simulator(Scenario scenario, const GenOptions& options, OtlpEncoding encoding)
      : scenario_(std::move(scenario)), options_(options), encoding_(encoding) {}

  Scenario scenario_;
  GenOptions options_;
  OtlpEncoding encoding_;
};

}  // namespace tidewatch::gen
