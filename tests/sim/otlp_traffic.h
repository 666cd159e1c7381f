#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/runtime/record.h"
#include "tests/sim/flow_traffic.h"

namespace tidewatch {

/// A message of a public topic as a producer or the OpenTelemetry Collector writes it.
struct SentMessage {
  Stream stream = Stream::traces;  ///< traces, logs, feedback or evaluations
  int32_t partition = 0;
  Timestamp time{};  ///< when it was appended; each partition is in this order
  std::string key;
  std::string value;
};

struct OtlpTraffic {
  FlowTraffic flow;  ///< `has_duplicates` is not used
  /// Whole messages come again up to a minute later, each in a partition of its own behind kFlowSources, so that
  /// positions of the others stay what they are.
  bool has_duplicates = false;
  bool is_spread_otherwise = false;  ///< the same messages through other partitions
};

/// flow_traffic() as it comes from outside: spans of several traces batched into OTLP messages, protobuf or JSON, with
/// texts; content of some calls in log records; votes as feedback events; evaluations as events or as log records
/// `gen_ai.evaluation.result`. Among them what cannot be read: bytes that are nothing, messages cut short, spans with
/// broken ids beside good ones, events that name no target or state no possible score.
std::vector<SentMessage> otlp_traffic(uint64_t seed, const OtlpTraffic& traffic);

/// A span that ends then, alone in its trace: what every source sends last.
std::string otlp_tail(int32_t source, Timestamp end);

}  // namespace tidewatch
