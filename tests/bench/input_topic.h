#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <string>

#include "app/demo/embedded_broker.h"
#include "tests/bench/flow_input.h"

namespace tidewatch::bench {

/// The generated OTLP protobuf messages, kCopies times, in a topic of a Kafka broker: a real Apache Kafka, started from
/// Maven or the one that TIDEWATCH_KAFKA_BROKERS names; where neither can be had, librdkafka's mock cluster in this
/// process, and then `broker()` says so.
class InputTopic {
 public:
  static constexpr size_t kCopies = 5;  ///< enough to read for some seconds

  static InputTopic& instance();

  const std::string& broker() const { return broker_; }  ///< what it is, for the report
  /// Reads all of it once, handing every message to `take`; seconds from asking for the first message to having
  /// the last, so that connecting does not count.
  double consume(const std::function<void(const rd_kafka_message_t&)>& take) const;

 private:
  InputTopic();
  void start_broker();

  std::string broker_;
  std::string address_;
  std::string topic_;
  int partitions_ = 1;
  std::unique_ptr<EmbeddedBroker> mock_;
};

}  // namespace tidewatch::bench
