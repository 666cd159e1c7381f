#include "app/demo/backlog.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "app/demo/embedded_broker.h"
#include "stream/runtime/kafka_producer.h"

namespace tidewatch {
namespace {

int32_t one_partition(Stream) { return 1; }

struct BacklogTest : testing::Test {
  void SetUp() override {
    auto started = EmbeddedBroker::start();
    ASSERT_TRUE(started.ok());
    broker = std::move(started).value();
    options.brokers = {broker->address()};
    for (const Stream stream : {Stream::traces, Stream::feedback, Stream::fragments, Stream::partials})
      ASSERT_TRUE(broker->create_topic(options.topics.of(stream), 1).ok());
  }

  /// What the Kafka runner does and counts when a stage commits outputs.
  void write(const std::string& stage, Stream stream, int records, size_t bytes) {
    std::atomic<bool> stop{false};
    kafka::TransactionalProducer producer(options, "writer", stop);
    ASSERT_TRUE(producer.open().ok());
    ASSERT_EQ(producer.begin(), kafka::Outcome::done);
    for (int i = 0; i < records; ++i)
      ASSERT_EQ(producer.append(stream, 0, "key", std::string(bytes, 'x'), {}), kafka::Outcome::done);
    ASSERT_EQ(producer.flush(), kafka::Outcome::done);
    ASSERT_EQ(producer.commit(), kafka::Outcome::done);
    const Metrics::Labels labels{{"stage", stage}, {"stream", std::string(name_of(stream))}};
    metrics.count("outputs", labels, records);
    metrics.count("output_bytes", labels, static_cast<double>(bytes) * records);
  }

  bool has_room(double traffic_bytes_sent = 0) {
    auto backlog = Backlog::open(options, metrics, one_partition);
    EXPECT_TRUE(backlog.ok());
    const auto room = backlog->has_room(traffic_bytes_sent);
    EXPECT_TRUE(room.ok());
    return *room;
  }

  std::unique_ptr<EmbeddedBroker> broker;
  KafkaOptions options;
  Metrics metrics;
};

TEST_F(BacklogTest, HoldsTrafficBackUntilObserveHasReadIt) {
  EXPECT_TRUE(has_room(Backlog::kMaxTraffic));
  EXPECT_FALSE(has_room(Backlog::kMaxTraffic + 1));
  metrics.count("record_bytes", {{"stage", "observe"}}, 1);
  EXPECT_TRUE(has_room(Backlog::kMaxTraffic + 1));
}

TEST_F(BacklogTest, HoldsTrafficBackUntilInternalTopicsAreRead) {
  write("assemble", Stream::partials, 210, 10'000);
  EXPECT_FALSE(has_room());
  metrics.count("records", {{"stage", "detect"}}, 20);
  EXPECT_TRUE(has_room());
  write("observe", Stream::fragments, 80, 10'000);
  EXPECT_FALSE(has_room());
  metrics.count("records", {{"stage", "assemble"}}, 80);
  EXPECT_TRUE(has_room());
}

TEST_F(BacklogTest, CountsRecordsThatNobodyRead) {
  write("observe", Stream::fragments, 7, 10);
  auto backlog = Backlog::open(options, metrics, one_partition);
  ASSERT_TRUE(backlog.ok());
  metrics.count("records", {{"stage", "assemble"}}, 4);
  EXPECT_EQ(backlog->records_waiting("assemble").value(), 3);
  EXPECT_EQ(backlog->written(Stream::fragments).value(), 7);
  EXPECT_EQ(backlog->written_for("assemble").value(), 7);
}

TEST_F(BacklogTest, TellsHowFarAStageHasCome) {
  auto backlog = Backlog::open(options, metrics, one_partition);
  ASSERT_TRUE(backlog.ok());
  metrics.count("offsets", {{"stage", "assemble"}}, 5);
  EXPECT_EQ(backlog->passed_by("assemble"), 5);
  EXPECT_EQ(backlog->passed_by("detect"), 0) << "another stage";
}

}  // namespace
}  // namespace tidewatch
