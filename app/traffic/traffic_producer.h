#pragma once

#include <cstdint>
#include <memory>

#include "app/gen/simulator.h"
#include "detectors/core/result.h"
#include "stream/runtime/kafka_client.h"

namespace tidewatch {

/// Writes simulated messages to the public topics as services and collectors do: OTLP without keys, in turn to each
/// partition; feedback by trace id. Record times are the simulated times of export. Idempotent: a retry of the client
/// never writes twice. One thread.
class TrafficProducer {
 public:
  /// `options` outlives the producer. Errors: `bad_config`.
  static Result<TrafficProducer> open(const KafkaOptions& options, int32_t trace_partitions);

  /// Queues a message, waiting while the queue is full. Errors: `kafka_error`; and those of flush() once brokers that
  /// do not answer or missing rights have cost a message: there is no use in sending more.
  Status send(const gen::Emission& emission);
  /// Serves the client for `patience`, as somebody must who sends nothing for a while. Errors: as send().
  Status wait(Duration patience);
  /// Waits until every message was taken or refused. Errors: that some were not taken, since open(), with their number
  /// and the first reason: `broker_unavailable`, `not_authorized`, `kafka_error`.
  Status flush(Duration patience = std::chrono::seconds(30));

  uint64_t spans() const { return spans_; }                      ///< sent
  uint64_t messages() const { return messages_; }                ///< sent
  uint64_t bytes() const { return bytes_; }                      ///< of values, sent
  uint64_t delivered() const { return deliveries_->delivered; }  ///< messages that brokers have acknowledged so far
  uint64_t failed() const { return deliveries_->failed; }        ///< messages given up so far

 private:
  /// What the client reported so far; written by its callback, inside poll and flush.
  struct Deliveries {
    uint64_t delivered = 0;
    uint64_t failed = 0;
    rd_kafka_resp_err_t first_reason = RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  TrafficProducer(const KafkaOptions& options, int32_t partitions, std::unique_ptr<Deliveries> deliveries,
                  kafka::Client client)
      : options_(&options), partitions_(partitions), deliveries_(std::move(deliveries)), client_(std::move(client)) {}
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* deliveries);
  Error not_taken() const;
  Status is_worth_going_on() const;

  const KafkaOptions* options_;
  int32_t partitions_;
  std::unique_ptr<Deliveries> deliveries_;  ///< outlives the client, which reports to it
  kafka::Client client_;
  int32_t next_partition_ = 0;
  uint64_t spans_ = 0;
  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace tidewatch
