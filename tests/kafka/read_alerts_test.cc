// docs/examples/read_alerts.py against a real broker, from records as the detect stage writes them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "kafka/kafka_broker.h"
#include "kafka/kafka_handles.h"
#include "stream/publish/cloud_events.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch::kafka_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kSource = TIDEWATCH_SOURCE_DIR;

/// What a command prints, by line; the exit code must be 0.
std::vector<std::string> lines_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 4096> piece{};
  for (size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) text.append(piece.data(), size);
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
  std::vector<std::string> out;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

TestRecord record(const std::string& id, const std::string& transition, WireFormat format = WireFormat::json) {
  const Timestamp time{std::chrono::seconds(1'767'225'600)};
  v1::Alert alert;
  alert.set_id(id);
  alert.set_state(transition == "resolved" ? "resolved" : "firing");
  alert.set_transition(transition);
  alert.set_severity("page");
  alert.set_measure("refusal_rate");
  (*alert.mutable_labels())["service"] = "shop";
  (*alert.mutable_labels())["endpoint"] = "/chat";
  alert.set_why("refusals are up");
  *alert.mutable_observed_at() = to_proto(time);
  TestRecord out{.key = id, .value = encode(alert, format), .partition = 0};
  const CloudEvent event{"tidewatch.alert." + transition, "/tidewatch/detect", id + "/" + transition, id, time};
  for (const auto& header : cloud_event_headers(event, format)) out.headers.emplace_back(header.name, header.value);
  return out;
}

void write(rd_kafka_t* producer, const std::string& topic, const std::vector<TestRecord>& records, bool commit) {
  ASSERT_EQ(rd_kafka_begin_transaction(producer), nullptr);
  for (const auto& one : records) append(producer, topic, one);
  ASSERT_EQ(rd_kafka_flush(producer, 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(commit ? rd_kafka_commit_transaction(producer, 30000) : rd_kafka_abort_transaction(producer, 30000),
            nullptr);
}

TEST(ReadAlertsExample, PrintsEachCommittedTransitionOnceAndGoesOnWhereItStopped) {
  auto& broker = KafkaBroker::instance();
  const std::string topic = unique_name("alerts");
  broker.create_topic(topic, 1);
  const std::string python = lines_of(kSource + "/tests/kafka/python/environment.sh").at(0);
  const std::string command =
      fmt::format("{} {}/docs/examples/read_alerts.py --brokers {} --topic {} --group {} --exit-when-idle 8", python,
                  kSource, broker.brokers(), topic, topic);
  const Handle producer = make_client(broker.brokers(), {{"transactional.id", topic}});
  ASSERT_EQ(rd_kafka_init_transactions(producer.get(), 30000), nullptr);

  write(producer.get(), topic, {record("a1", "fired"), record("a1", "fired"), record("a1", "escalated")}, true);
  write(producer.get(), topic, {record("a2", "fired")}, false);
  EXPECT_THAT(
      lines_of(command),
      ElementsAre(AllOf(StartsWith("2026-01-01T00:00:00Z fired "),
                        HasSubstr("page   refusal_rate [endpoint=/chat,service=shop] refusals are up (alert a1)")),
                  HasSubstr(" escalated ")));

  write(producer.get(), topic, {record("a1", "resolved")}, true);
  EXPECT_THAT(lines_of(command), ElementsAre(HasSubstr(" resolved ")));
}

}  // namespace
}  // namespace tidewatch::kafka_test
