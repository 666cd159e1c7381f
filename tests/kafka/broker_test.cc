// The harness itself: what it says of a topic is what is there.
#include <gtest/gtest.h>

#include "kafka/kafka_broker.h"
#include "kafka/kafka_handles.h"

namespace tidewatch::kafka_test {
namespace {

TEST(KafkaBroker, ReadsBackWhatWasProducedWithKeysAndHeaders) {
  auto& broker = KafkaBroker::instance();
  const std::string topic = unique_name("harness");
  broker.create_topic(topic, 3);
  broker.produce(topic, {{.key = "a", .value = "1", .partition = 2, .headers = {{"h", "x"}}},
                         {.key = "b", .value = "2", .partition = 0}});

  const auto records = broker.read_all(topic);

  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "b");
  EXPECT_EQ(records[0].partition, 0);
  EXPECT_EQ(records[1].value, "1");
  ASSERT_EQ(records[1].headers.size(), 1U);
  EXPECT_EQ(records[1].headers[0].second, "x");
}

TEST(KafkaBroker, LeavesAbortedTransactionsOut) {
  auto& broker = KafkaBroker::instance();
  const std::string topic = unique_name("aborted");
  broker.create_topic(topic, 1);
  const Handle producer = make_client(broker.brokers(), {{"transactional.id", topic}});
  ASSERT_EQ(rd_kafka_init_transactions(producer.get(), 30000), nullptr);
  for (const bool commit : {true, false, true}) {
    ASSERT_EQ(rd_kafka_begin_transaction(producer.get()), nullptr);
    append(producer.get(), topic, {.key = "k", .value = commit ? "kept" : "dropped"});
    ASSERT_EQ(rd_kafka_flush(producer.get(), 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(
        commit ? rd_kafka_commit_transaction(producer.get(), 30000) : rd_kafka_abort_transaction(producer.get(), 30000),
        nullptr);
  }

  EXPECT_EQ(broker.read_all(topic).size(), 2U);
  EXPECT_EQ(broker.read_uncommitted(topic).size(), 3U);
}

}  // namespace
}  // namespace tidewatch::kafka_test
