#pragma once

#include <cstdint>

#include "app/gen/simulator.h"
#include "app/traffic/pace.h"
#include "detectors/core/result.h"
#include "stream/runtime/kafka_options.h"

namespace tidewatch {

/// What became of the messages of send_traffic().
struct SentTraffic {
  uint64_t spans = 0;
  uint64_t messages = 0;  ///< of traces
  uint64_t votes = 0;
  uint64_t delivered = 0;  ///< messages and votes that the brokers have acknowledged
  uint64_t failed = 0;     ///< that were given up
  double seconds = 0;      ///< wall time
  bool is_interrupted = false;
  Status status = ok_status();  ///< that not all were delivered, as TrafficProducer::flush()
};

/// Sends simulated traffic to the traces and feedback topics at this pace, until SIGINT or SIGTERM, with a progress bar
/// on a terminal. Traces go out to the last; votes that come after the end of the traffic are left out.
///
/// Errors, before anything was sent: `broker_unavailable` when none answers within options.broker_timeout, `no_topic`,
/// `not_authorized`, `bad_config`; `usage` when the pace would write records further ahead of the clock than brokers
/// take by default (message.timestamp.after.max.ms: one hour).
Result<SentTraffic> send_traffic(const gen::Simulator& simulator, const KafkaOptions& options, const Pace& pace);

}  // namespace tidewatch
