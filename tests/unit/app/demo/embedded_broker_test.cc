#include "app/demo/embedded_broker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "app/demo/output_reader.h"
#include "app/traffic/traffic_producer.h"
#include "stream/runtime/kafka_cluster.h"
#include "stream/runtime/kafka_producer.h"

namespace tidewatch {
namespace {

constexpr int32_t kPartitions = 2;

struct EmbeddedBrokerTest : testing::Test {
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started.ok());
    broker = std::move(started).value();
    options.brokers = {broker->address()};
    options.instance = "test";
    options.properties["fetch.wait.max.ms"] = "10";
    ASSERT_TRUE(broker->create_topic(options.topics.of(Stream::traces), kPartitions).ok());
    ASSERT_TRUE(broker->create_topic(options.topics.of(Stream::feedback), 1).ok());
    ASSERT_TRUE(broker->create_topic(options.topics.of(Stream::alerts), 1).ok());
  }

  /// Sends `count` messages of `bytes` each and gives what the partitions hold then.
  kafka::OffsetRange held_after(int count, size_t bytes, int32_t partition) {
    auto producer = TrafficProducer::open(options, kPartitions);
    EXPECT_TRUE(producer.ok());
    for (int i = 0; i < count; ++i)
      EXPECT_TRUE(producer
                      ->send({.export_time = {},
                              .stream = gen::Stream::traces,
                              .payload = std::string(bytes, 'x'),
                              .key = {},
                              .spans = 1})
                      .ok());
    EXPECT_TRUE(producer->flush().ok());
    auto cluster = kafka::Cluster::open(options);
    EXPECT_TRUE(cluster.ok());
    const auto range = (*cluster)->offsets(options.topics.of(Stream::traces), partition, std::chrono::seconds(10));
    EXPECT_TRUE(range.ok());
    return *range;
  }

  std::vector<std::string> read(Stream stream, size_t count) {
    std::vector<std::string> out;
    auto reader = OutputReader::open(options, {stream});
    EXPECT_TRUE(reader.ok());
    for (int i = 0; i < 500 && out.size() < count; ++i)
      EXPECT_TRUE(
          reader->poll(std::chrono::milliseconds(20), [&](Stream, std::string_view value) { out.emplace_back(value); })
              .ok());
    return out;
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaOptions options;
};

TEST_F(EmbeddedBrokerTest, HandsOutWhatWasSentInOrder) {
  auto producer = TrafficProducer::open(options, kPartitions);
  ASSERT_TRUE(producer.ok());
  std::vector<std::string> sent;
  for (int i = 0; i < 300; ++i) {
    sent.push_back("vote " + std::to_string(i));
    ASSERT_TRUE(
        producer->send({.export_time = {}, .stream = gen::Stream::feedback, .payload = sent.back(), .key = "k"}).ok());
  }
  ASSERT_TRUE(producer->flush().ok());
  EXPECT_EQ(producer->messages(), 300U);
  EXPECT_EQ(read(Stream::feedback, sent.size()), sent);
}

TEST_F(EmbeddedBrokerTest, SpreadsTracesOverPartitions) {
  EXPECT_EQ(held_after(20, 100, 0).high, 10);
  EXPECT_EQ(held_after(20, 100, 1).high, 20);
}

TEST_F(EmbeddedBrokerTest, KeepsWhatItIsSaidToHold) {
  constexpr size_t kBytes = 10'000;
  const int count = static_cast<int>(EmbeddedBroker::kPartitionBytes / kBytes) * kPartitions;
  EXPECT_EQ(held_after(count, kBytes, 0).low, 0);
}

TEST_F(EmbeddedBrokerTest, DropsTheOldestWhenFull) {
  const auto range = held_after(kPartitions * 1200, 10'000, 0);
  EXPECT_EQ(range.high, 1200);
  EXPECT_GT(range.low, 0);
}

// The limitation that forbids proving anything with it: should this fail, the docs have to change.
TEST_F(EmbeddedBrokerTest, ShowsRecordsOfAbortedTransactions) {
  std::atomic<bool> stop{false};
  kafka::TransactionalProducer producer(options, "transactions", stop);
  ASSERT_TRUE(producer.open().ok());
  ASSERT_EQ(producer.begin(), kafka::Outcome::done);
  ASSERT_EQ(producer.append(Stream::alerts, 0, "id", "never committed", {}), kafka::Outcome::done);
  ASSERT_EQ(producer.flush(), kafka::Outcome::done);
  ASSERT_EQ(producer.abort(), kafka::Outcome::done);
  EXPECT_EQ(read(Stream::alerts, 1), std::vector<std::string>{"never committed"});
}

}  // namespace
}  // namespace tidewatch
