// `tidewatch doctor` against a real broker.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "kafka/command_run.h"
#include "kafka/kafka_broker.h"
#include "kafka/otlp_messages.h"
#include "stream/runtime/kafka_admin.h"

namespace tidewatch::kafka_test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

KafkaOptions options_of(const std::string& brokers) {
  KafkaOptions out;
  out.brokers = {brokers};
  return out;
}

Timestamp now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

TEST(Doctor, FindsMissingTopicsMakesThemAndIsThenContent) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("doctor");
  const std::string config = write_config(broker.brokers(), prefix);

  const auto before = run_command({"doctor", "--config", config});
  EXPECT_EQ(before.exit, Exit::finding) << before.err;
  EXPECT_THAT(before.out, HasSubstr("ok       brokers: 1 answer: " + broker.brokers() + "\n"));
  EXPECT_THAT(before.out,
              HasSubstr("warning  " + prefix + ".traces: does not exist, so no traces arrive (yet) -> run "));
  EXPECT_THAT(before.out, HasSubstr("problem  " + prefix + ".state: does not exist -> run `tidewatch doctor --fix`\n"));

  const auto fixed = run_command({"doctor", "--config", config, "--fix", "--partitions", "3"});
  EXPECT_EQ(fixed.exit, Exit::ok) << fixed.out << fixed.err;
  EXPECT_THAT(fixed.out,
              HasSubstr("ok       fix " + prefix + ".alerts_state: created with 3 partitions, 1 replicas\n"));

  const auto after = run_command({"doctor", "--config", config});
  EXPECT_EQ(after.exit, Exit::ok) << after.out << after.err;
  EXPECT_THAT(after.out, HasSubstr("ok       " + prefix + ".state: 3 partitions, 1 replicas, compacted\n"));
  EXPECT_THAT(after.out, HasSubstr("warning  sample " + prefix + ".traces: the topic is empty"));
  EXPECT_THAT(after.out, Not(HasSubstr(" fix ")));
  EXPECT_THAT(after.out, HasSubstr(" 0 problems\n"));

  auto admin = kafka::Admin::open(options_of(broker.brokers())).value();
  const auto configs =
      admin->configs({prefix + ".state", prefix + ".fragments", prefix + ".alerts"}, std::chrono::seconds(10)).value();
  EXPECT_EQ(configs.at(prefix + ".state")->at("cleanup.policy"), "compact");
  EXPECT_EQ(configs.at(prefix + ".fragments")->at("cleanup.policy"), "delete");
  EXPECT_EQ(configs.at(prefix + ".fragments")->at("retention.ms"), "86400000");
  EXPECT_EQ(configs.at(prefix + ".alerts")->at("cleanup.policy"), "delete");
}

TEST(Doctor, NamesTopicsThatWouldLoseOrMisplaceState) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("doctor");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".partials", 5);
  broker.create_topic(prefix + ".state", 2, {{"cleanup.policy", "compact"}});
  broker.create_topic(prefix + ".alerts_state", 2);
  broker.create_topic(prefix + ".progress", 2, {{"cleanup.policy", "compact"}});
  broker.create_topic(prefix + ".fragments", 2, {{"retention.ms", "60000"}});

  const auto found = run_command({"doctor", "--config", config});
  EXPECT_EQ(found.exit, Exit::finding);
  EXPECT_THAT(found.out, HasSubstr("problem  " + prefix + ".state: has 2 partitions, " + prefix + ".partials has 5"));
  EXPECT_THAT(found.out, HasSubstr("problem  " + prefix + ".alerts_state: cleanup.policy is delete"));
  EXPECT_THAT(found.out, HasSubstr("problem  " + prefix + ".progress: cleanup.policy is compact"));
  EXPECT_THAT(found.out, HasSubstr("problem  " + prefix +
                                   ".fragments: keeps records for 60 s, a restart reads up to 3660 s back"));

  const auto fixed = run_command({"doctor", "--config", config, "--fix"});
  EXPECT_EQ(fixed.exit, Exit::finding) << "policies of existing topics are the owner's to change";
  EXPECT_THAT(fixed.out, HasSubstr("ok       fix " + prefix + ".state: raised to 5 partitions"));
  EXPECT_THAT(fixed.out, HasSubstr("ok       " + prefix + ".state: 5 partitions, 1 replicas, compacted\n"));
}

TEST(Doctor, SaysWhatArrivesInWhichDialectAndWhatIsMissing) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("doctor");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".traces", 2);
  broker.create_topic(prefix + ".feedback", 1);
  const TestSpan server{.attributes = {{"http.route", "/chat"}}, .end = now(), .is_server = true};
  const TestSpan semantic{.attributes = {{"gen_ai.operation.name", "chat"},
                                         {"gen_ai.provider.name", "openai"},
                                         {"gen_ai.request.model", "gpt-x"},
                                         {"gen_ai.usage.input_tokens", "12"}},
                          .end = now()};
  const TestSpan inference{.trace = 'b',
                           .service = "helpdesk",
                           .attributes = {{"openinference.span.kind", "LLM"}, {"llm.model_name", "claude-y"}},
                           .end = now()};
  TestSpan ahead = server;
  ahead.trace = 'd';
  ahead.end = now() + std::chrono::hours(1);
  broker.produce(prefix + ".traces", {{"", otlp_protobuf(server), 0},
                                      {"", otlp_protobuf(semantic), 0},
                                      {"", otlp_json(inference), 1},
                                      {"", otlp_protobuf(ahead), 1},
                                      {"", "{\"resourceSpans\": 7", 1}});
  broker.produce(
      prefix + ".feedback",
      {{"", R"({"id": "f1", "trace_id": "61616161616161616161616161616161", "name": "helpful", "thumb": "up"})", 0},
       {"", "not json", 0}});

  const auto found = run_command({"doctor", "--config", config, "--fix"});
  EXPECT_EQ(found.exit, Exit::ok) << found.out;
  EXPECT_THAT(found.out, HasSubstr("sample " + prefix + ".traces: 5 newest messages, protobuf 3, json 2\n"));
  EXPECT_THAT(found.out,
              ContainsRegex("warning  sample " + prefix + ".traces: 1 unusable \\(bad_json\\), for example 1/2: "));
  EXPECT_THAT(found.out, ContainsRegex("dialects: 4 spans in 3 traces: .*openinference 1"));
  EXPECT_THAT(found.out, HasSubstr("otel-genai 1"));
  EXPECT_THAT(found.out, HasSubstr("2 calls; 1 of 2 state token usage, 0 of 2 carry text: refusals"));
  EXPECT_THAT(found.out, HasSubstr("ok       label service: in 3 of 3 traces: shop 3, helpdesk 1\n"));
  EXPECT_THAT(found.out, HasSubstr("ok       label endpoint: in 2 of 3 traces: /chat 2\n"));
  EXPECT_THAT(found.out, HasSubstr("ok       label model: in 2 of 3 traces: claude-y 1, gpt-x 1\n"));
  EXPECT_THAT(found.out, HasSubstr("warning  label prompt_version: no span carries it: entities of it are not watched "
                                   "-> looked for app.prompt.version, "));
  EXPECT_THAT(found.out, HasSubstr("1 feedback events, 0 evaluations (helpful 1); 1 of 1 name their trace\n"));
  EXPECT_THAT(found.out, ContainsRegex("warning  sample " + prefix + ".feedback: 1 unusable"));
  EXPECT_THAT(found.out, HasSubstr("warning  clock: 1 of 4 spans end more than 60 s after their record's time"));

  const auto json = nlohmann::json::parse(run_command({"doctor", "--config", config, "--json"}).out);
  EXPECT_TRUE(json.at("ok").get<bool>());
  EXPECT_EQ(json.at("problems"), 0);
  EXPECT_EQ(json.at("checks").at(0).at("subject"), "brokers");
}

TEST(Doctor, LooksAtNoMoreThanTheNewestMessages) {
  auto& broker = KafkaBroker::instance();
  const std::string prefix = unique_name("doctor");
  const std::string config = write_config(broker.brokers(), prefix);
  broker.create_topic(prefix + ".traces", 1);
  broker.produce(prefix + ".traces", {{"", "old", 0}, {"", otlp_protobuf({.end = now()}), 0}});
  const auto found = run_command({"doctor", "--config", config, "--messages", "1"});
  EXPECT_THAT(found.out, AllOf(HasSubstr("1 newest messages, protobuf 1\n"), Not(HasSubstr("unusable"))));
}

TEST(Doctor, OfBrokersThatDoNotAnswerExitsWith69) {
  const auto found = run_command({"doctor", "--config", write_config("127.0.0.1:1", "nowhere"), "--timeout", "1"});
  EXPECT_EQ(static_cast<int>(found.exit), 69);
  EXPECT_THAT(found.err, HasSubstr("could not ask the brokers"));
}

TEST(Doctor, OfABadConfigExitsWith78) {
  const auto config = write_config("127.0.0.1:1", "bad", "nonsense: 1\n");
  EXPECT_EQ(static_cast<int>(run_command({"doctor", "--config", config}).exit), 78);
}

}  // namespace
}  // namespace tidewatch::kafka_test
