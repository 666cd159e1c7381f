#pragma once

#include <cstdint>
#include <memory>

#include "app/gen/simulator.h"
#include "detectors/core/result.h"
#include "stream/runtime/kafka_client.h"

namespace tidewatch {

/// Writes simulated messages to the public topics as services and collectors do: protobuf OTLP without keys, in turn to
/// each partition; feedback. Record times are the simulated times of export.
class TrafficProducer {
 public:
  /// Errors: `bad_config`.
  static Result<TrafficProducer> open(const KafkaOptions& options, int32_t trace_partitions);

  /// Errors: `kafka_error`.
  Status send(const gen::Emission& emission);
  /// Waits until the broker has taken all. Errors: `kafka_error` when it did not.
  Status flush();

  uint64_t spans() const { return spans_; }
  uint64_t messages() const { return messages_; }
  uint64_t bytes() const { return bytes_; }  ///< of values

 private:
  TrafficProducer(const KafkaOptions& options, int32_t partitions, kafka::Client client)
      : options_(&options), partitions_(partitions), client_(std::move(client)) {}

  const KafkaOptions* options_;
  int32_t partitions_;
  kafka::Client client_;
  int32_t next_partition_ = 0;
  uint64_t spans_ = 0;
  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace tidewatch
