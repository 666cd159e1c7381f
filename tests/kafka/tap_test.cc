// `tidewatch tap` against a real broker.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "detectors/sketch/aggregate.h"
#include "kafka/command_run.h"
#include "kafka/kafka_broker.h"
#include "kafka/kafka_handles.h"
#include "kafka/otlp_messages.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/partial.pb.h"

namespace tidewatch::kafka_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr Timestamp kTime{std::chrono::seconds(1'767'225'600)};  // 2026-01-01

v1::Alert alert(const std::string& id) {
  v1::Alert out;
  out.set_id(id);
  out.set_transition("fired");
  out.set_severity("page");
  out.set_measure("refusal_rate");
  (*out.mutable_labels())["service"] = "shop";
  (*out.mutable_labels())["endpoint"] = "/chat";
  out.set_why("refusals are up\x1b[31m");
  *out.mutable_observed_at() = to_proto(kTime);
  return out;
}

void write(rd_kafka_t* producer, const std::string& topic, const std::vector<TestRecord>& records, bool commit) {
  ASSERT_EQ(rd_kafka_begin_transaction(producer), nullptr);
  for (const auto& one : records) append(producer, topic, one);
  ASSERT_EQ(rd_kafka_flush(producer, 30000), RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(commit ? rd_kafka_commit_transaction(producer, 30000) : rd_kafka_abort_transaction(producer, 30000),
            nullptr);
}

TEST(Tap, PrintsCommittedAlertsOfEitherEncoding) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("tap");
  const std::string topic = prefix + ".alerts";
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(topic, 1);
  const Handle producer = make_client(broker.brokers(), {{"transactional.id", topic}});
  ASSERT_EQ(rd_kafka_init_transactions(producer.get(), 30000), nullptr);
  write(producer.get(), topic, {{"a0", encode(alert("a0"), WireFormat::json), 0}}, false);
  write(producer.get(), topic,
        {{"a1", encode(alert("a1"), WireFormat::json), 0},
         {"a2", encode(alert("a2"), WireFormat::protobuf), 0, -1, {{"content-type", "application/protobuf"}}},
         {"a3", "{\"id\": 3, ", 0}},
        true);

  const auto text = run_command({"tap", "alerts", "--config", config, "--from-beginning", "--count", "3"});
  EXPECT_EQ(text.exit, Exit::ok) << text.err;
  const std::string line =
      "2026-01-01T00:00:00Z fired     page   refusal_rate [endpoint=/chat,service=shop] refusals are up?[31m (alert ";
  EXPECT_THAT(text.out, testing::StartsWith(line + "a1)\n" + line + "a2)\n"));
  EXPECT_THAT(text.out, HasSubstr("is no JSON of the schema"));

  const auto json = run_command({"tap", "alerts", "--config", config, "--from-beginning", "--count", "2", "--json"});
  const auto first = nlohmann::json::parse(json.out.substr(0, json.out.find('\n')));
  EXPECT_EQ(first.at("key"), "a1");
  EXPECT_EQ(first.at("value").at("labels").at("service"), "shop");
}

TEST(Tap, PrintsFactsOfSpansAndNeverTheirTexts) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("tap");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".traces", 1);
  const TestSpan span{.attributes = {{"gen_ai.operation.name", "chat"},
                                     {"gen_ai.provider.name", "openai"},
                                     {"gen_ai.request.model", "gpt-x"},
                                     {"gen_ai.usage.input_tokens", "12"},
                                     {"gen_ai.input.messages",
                                      R"([{"role": "user", "parts": [{"type": "text", "content": "my secret"}]}])"}},
                      .end = kTime};
  broker.produce(prefix + ".traces", {{"", otlp_protobuf(span), 0}, {"", otlp_json(span), 0}, {"", "{my secret", 0}});
  for (const bool json : {false, true}) {
    std::vector<std::string> arguments = {"tap", "traces", "--config", config, "--from-beginning", "--count", "3"};
    if (json) arguments.emplace_back("--json");
    const auto found = run_command(arguments);
    EXPECT_EQ(found.exit, Exit::ok) << found.err;
    EXPECT_THAT(found.out, AllOf(HasSubstr("gpt-x"), HasSubstr("openai"), HasSubstr("otel-genai"), HasSubstr("shop"),
                                 HasSubstr("bad_json"), Not(HasSubstr("secret"))));
  }
  const auto text = run_command({"tap", "traces", "--config", config, "--from-beginning", "--count", "1"});
  EXPECT_EQ(text.out,
            "2026-01-01T00:00:00Z shop - llm 1.000s dialect=otel-genai provider=openai model=gpt-x input_tokens=12 "
            "trace=61616161616161616161616161616161\n");
}

TEST(Tap, SummarisesAggregatesAndSkipsWatermarkMarks) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("tap");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".partials", 1);
  Aggregate refusals(MeasureKind::rate);
  refusals.add_trial(true);
  refusals.add_trial(false);
  v1::Partial partial;
  auto& measure = *partial.add_measures();
  measure.set_measure("refusal_rate");
  measure.set_aggregate(refusals.serialize());
  broker.produce(prefix + ".partials",
                 {{"", "a mark", 0, -1, {{"tw-mark", ""}}}, {"service=shop", partial.SerializeAsString(), 0}});
  const auto found = run_command({"tap", "partials", "--config", config, "--from-beginning", "--count", "1", "--json"});
  const auto json = nlohmann::json::parse(found.out);
  EXPECT_EQ(json.at("offset"), 1);
  EXPECT_EQ(json.at("value").at("measures").at("refusal_rate").at("kind"), "rate");
  EXPECT_EQ(json.at("value").at("measures").at("refusal_rate").at("n"), 2);
  EXPECT_EQ(json.at("value").at("measures").at("refusal_rate").at("value"), 0.5);
}

TEST(Tap, FollowsWhatComesAfterItHasStarted) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("tap");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".alerts", 1);
  broker.produce(prefix + ".alerts", {{"old", encode(alert("old"), WireFormat::json), 0}});
  std::atomic<bool> ended{false};
  Outcome found;
  std::thread tap([&] {
    found = run_command({"tap", "alerts", "--config", config, "--count", "1"});
    ended = true;
  });
  EXPECT_TRUE(eventually([&] {
    broker.produce(prefix + ".alerts", {{"new", encode(alert("new"), WireFormat::json), 0}});
    return ended.load();
  }));
  tap.join();
  EXPECT_THAT(found.out, AllOf(HasSubstr("(alert new)"), Not(HasSubstr("(alert old)"))));
}

TEST(Tap, OfATopicThatDoesNotExistSaysWhatToDo) {
  auto& broker = KafkaBroker::instance();
  const auto found = run_command({"tap", "reviews", "--config", write_config(broker.brokers(), unique_name("tap"))});
  EXPECT_EQ(static_cast<int>(found.exit), 78);
  EXPECT_THAT(found.err, HasSubstr("does not exist; `tidewatch doctor --fix` creates it"));
}

}  // namespace
}  // namespace tidewatch::kafka_test
