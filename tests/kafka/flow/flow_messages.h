#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/gen/scenario.h"
#include "kafka/kafka_broker.h"
#include "stream/runtime/record.h"

namespace tidewatch::kafka_test {

inline constexpr int32_t kTracePartitions = 4;  ///< of otlp_spans; the other input topics have one
inline constexpr int64_t kWindowSeconds = 300;  ///< of quality scores

/// One message as a producer sends it, to Kafka and to a file.
struct FlowMessage {
  Stream stream = Stream::traces;
  TestRecord record;  ///< spans: protobuf and JSON in turn
  std::string json;   ///< the same in one line of JSON
};

/// Simulated traffic on all four input topics, and what is true of it.
struct FlowMessages {
  std::vector<FlowMessage> messages;  ///< in the order they are sent
  /// Traces, by service and start of the window (Unix seconds) in which their last span ended.
  std::map<std::pair<std::string, int64_t>, int> requests;
  int total() const;
  Timestamp traffic_end{};  ///< after it there are only a few last spans and votes, and the messages that close it all
};

/// Spans and votes of the simulator (votes of the first 15 minutes after a request, within the join horizon),
/// evaluations of some traces (half of them as log records), and at the end, hours later, one message for every input
/// partition, so that event time passes every window by data alone.
FlowMessages flow_messages(const gen::GenOptions& options);

}  // namespace tidewatch::kafka_test
