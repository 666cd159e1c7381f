#include "tests/bench/input_topic.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "tests/kafka/kafka_broker.h"
#include "tests/kafka/kafka_handles.h"

namespace tidewatch::bench {
namespace {

using kafka_test::KafkaBroker;

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};

}  // namespace

InputTopic& InputTopic::instance() {
  static InputTopic topic;
  return topic;
}

void InputTopic::start_broker() try {
  KafkaBroker::instance().start();
  broker_ = "Apache Kafka";
  address_ = KafkaBroker::instance().brokers();
  KafkaBroker::instance().create_topic(topic_, partitions_);
} catch (const std::runtime_error& error) {
  auto mock = EmbeddedBroker::start();
  if (!mock) throw std::runtime_error(mock.error().message);
  mock_ = std::move(mock).value();
  broker_ = fmt::format("librdkafka's mock cluster, as no Kafka could be started ({})", error.what());
  address_ = mock_->address();
  if (const auto made = mock_->create_topic(topic_, partitions_); !made) throw std::runtime_error(made.error().message);
}

InputTopic::InputTopic() : topic_(kafka_test::unique_name("bench")) {
  const Input& input = inputs().protobuf;
  // The mock cluster drops what is beyond a partition's memory.
  partitions_ = static_cast<int>(kCopies * input.bytes / (EmbeddedBroker::kPartitionBytes / 2)) + 1;
  start_broker();
  const auto producer = kafka_test::make_client(
      address_, {{"queue.buffering.max.kbytes", "1000000"}, {"queue.buffering.max.messages", "1000000"}});
  int next = 0;
  for (size_t copy = 0; copy < kCopies; ++copy)
    for (const auto& item : input.items)
      kafka_test::append(producer.get(), topic_,
                         {.key = item.key, .value = item.value, .partition = next++ % partitions_});
  constexpr int kPatienceMs = 120'000;
  if (rd_kafka_flush(producer.get(), kPatienceMs) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error("the messages could not be written");
}

double InputTopic::consume(const std::function<void(const rd_kafka_message_t&)>& take) const {
  constexpr int kPatienceMs = 30'000;
  const auto consumer = kafka_test::make_consumer(address_, {{"fetch.wait.max.ms", "10"}});
  const std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList> all(
      rd_kafka_topic_partition_list_new(partitions_));
  for (int partition = 0; partition < partitions_; ++partition)
    rd_kafka_topic_partition_list_add(all.get(), topic_.c_str(), partition)->offset = 0;
  // Connects, so that only reading is timed. The clock runs before the first fetch: its answer may be tens of
  // megabytes.
  int64_t low = 0;
  int64_t high = 0;
  rd_kafka_query_watermark_offsets(consumer.get(), topic_.c_str(), 0, &low, &high, kPatienceMs);
  const auto start = std::chrono::steady_clock::now();
  rd_kafka_assign(consumer.get(), all.get());
  for (size_t left = kCopies * inputs().protobuf.items.size(); left > 0;) {
    const std::unique_ptr<rd_kafka_message_t, DestroyMessage> message(
        rd_kafka_consumer_poll(consumer.get(), kPatienceMs));
    if (!message) throw std::runtime_error("messages are missing in the topic");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_message_errstr(message.get()));
    take(*message);
    --left;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  rd_kafka_consumer_close(consumer.get());
  return taken.count();
}

}  // namespace tidewatch::bench
