#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/testset/test_run.h"
#include "fake_model/fake_model_server.h"
#include "tests/unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

constexpr const char* kConfig = "validators: {short: {check: length, max_words: 6}, figures: {check: numbers}}\n";

/// Sixty questions with a document and an ideal answer, as people write them by hand.
std::string imported_set() {
  std::string items;
  for (int i = 0; i < 60; ++i)
    items += Json{{"id", fmt::format("q{}", i)},
                  {"input", Json::array({{{"role", "system"}, {"content", "Be short."}},
                                         {{"role", "user"}, {"content", fmt::format("How many are {}?", i)}}})},
                  {"documents", Json::array({fmt::format("There are {} of them.", i + 100)})},
                  {"ideal", fmt::format("There are {}.", i + 100)},
                  {"labels", {{"endpoint", "/count"}}}}
                 .dump() +
             "\n";
  const std::string set = written("set.jsonl", "");
  EXPECT_EQ(run_command({"testset", "import", written("items.jsonl", items), "--name", "count", "--out", set}).exit,
            Exit::ok);
  return set;
}

/// The last question of a request, as a number.
int asked(const FakeCall& call) {
  const std::string text = Json::parse(call.body)["messages"].back()["content"];
  return std::stoi(text.substr(std::string("How many are ").size()));
}

/// Answers as the documents say, but for every `wrong`th question.
FakeModelServer::Answer counting(int wrong) {
  return [wrong](const FakeCall& call) -> FakeReply {
    const int number = asked(call);
    const bool is_wrong = wrong > 0 && number % wrong == 0;
    return fake_model::says(is_wrong ? "There are about 7000 of those things, or so I would think."
                                     : fmt::format("There are {}.", number + 100));
  };
}

Outcome evaluated(const std::string& set, const FakeModelServer& server, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"evaluate",   "--config",   written("tw.yaml", kConfig),
                                        "--testset",  set,          "--model",
                                        "fake-model", "--endpoint", server.url()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

TEST(EvaluateTestset, AsksEveryItemAndSaysWhatPassed) {
  const FakeModelServer server(counting(0));
  const std::string out = written("run.jsonl", "");
  const auto outcome = evaluated(imported_set(), server, {"--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("count version 1 against fake-model: 60 of 60 items answered"),
                                 HasSubstr("short                100.00 % passed"),
                                 HasSubstr("figures              100.00 % passed"),
                                 HasSubstr("ideal                 1.000 on average, of 60 scored")));
  ASSERT_THAT(server.calls(), SizeIs(60));
  const Json body = Json::parse(server.calls()[0].body);
  EXPECT_EQ(body["model"], "fake-model");
  ASSERT_THAT(body["messages"], SizeIs(3));
  EXPECT_EQ(body["messages"][0]["content"], "Be short.");
  EXPECT_THAT(body["messages"][1]["content"].get<std::string>(), HasSubstr("of them."));
  const auto run = read_test_run(out);
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_THAT(run->items, SizeIs(60));
  EXPECT_EQ(run->items[7].id, "q7");
  EXPECT_EQ(run->items[7].answer, "There are 107.");
  EXPECT_EQ(run->items[7].verdicts.at("figures").passed, true);
}

TEST(EvaluateTestset, ComparesWithTheLastRunAndFailsWhenAsked) {
  const std::string set = imported_set();
  const FakeModelServer server(counting(0));
  const std::string last = written("last.jsonl", "");
  ASSERT_EQ(evaluated(set, server, {"--out", last}).exit, Exit::ok);
  const auto same = evaluated(set, server, {"--last", last, "--fail-if-worse"});
  EXPECT_EQ(same.exit, Exit::ok);
  EXPECT_THAT(same.out, AllOf(HasSubstr("60 items in both"), HasSubstr("no difference shown"), Not(HasSubstr("WORSE")),
                              HasSubstr("in four of five cases")));
  const FakeModelServer worse(counting(3));
  const auto fell = evaluated(set, worse, {"--last", last, "--fail-if-worse"});
  EXPECT_EQ(fell.exit, Exit::finding);
  EXPECT_THAT(fell.out, AllOf(HasSubstr("100.00 % -> 66.67 %: -33.33 points"), HasSubstr("WORSE"),
                              HasSubstr("12 words, more than 6")));
  EXPECT_EQ(evaluated(set, worse, {"--last", last}).exit, Exit::ok) << "not asked to fail";
}

TEST(EvaluateTestset, ItemsThatAreNotAnsweredAreCountedAndLeftOut) {
  const FakeModelServer server([](const FakeCall& call) -> FakeReply {
    const int number = asked(call);
    if (number == 5) return fake_model::fails(400, "context too long");
    return counting(0)(call);
  });
  const std::string out = written("run.jsonl", "");
  const auto outcome = evaluated(imported_set(), server, {"--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("59 of 60 items answered"), HasSubstr("1 times bad_request"), HasSubstr("of 59 judged")));
  EXPECT_THAT(read_test_run(out)->items[5].error, HasSubstr("context too long"));
}

TEST(EvaluateTestset, AServerThatIsNotThereOrRefusesTheKeyEndsIt) {
  const std::string set = imported_set();
  const FakeModelServer refusing(std::vector<FakeReply>{fake_model::fails(401, "wrong key")});
  const auto refused = evaluated(set, refusing, {});
  EXPECT_NE(refused.exit, Exit::ok);
  EXPECT_THAT(refused.err, HasSubstr("wrong key"));
  EXPECT_LT(refusing.calls().size(), 10u);
}

TEST(EvaluateTestset, WritesAReferenceForProduction) {
  const FakeModelServer server(counting(4));
  const std::string reference = written("reference.jsonl", "");
  const auto outcome = evaluated(imported_set(), server, {"--reference", reference, "--label", "service=shop"});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  std::ifstream in(reference);
  std::vector<Json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  ASSERT_GE(lines.size(), 2u);
  for (const Json& line : lines) EXPECT_EQ(line["labels"]["service"], "shop");
  bool has_pass = false;
  for (const Json& measure : lines[0]["measures"]) {
    if (measure["measure"] != "pass_short") continue;
    has_pass = true;
    EXPECT_DOUBLE_EQ(measure["value"].get<double>(), 0.75);
    EXPECT_EQ(measure["n"], 60);
  }
  EXPECT_TRUE(has_pass) << lines[0].dump();
  const std::string config = written("with-reference.yaml", "reference: ${file:reference.jsonl}\n");
  EXPECT_EQ(run_command({"validate", "--config", config}).exit, Exit::ok);
  const auto without = evaluated(imported_set(), server, {"--reference", reference});
  EXPECT_EQ(without.exit, Exit::bad_data);
  EXPECT_THAT(without.err, HasSubstr("--label service=NAME"));
}

TEST(EvaluateTestset, TheKeyComesFromTheEnvironment) {
  const FakeModelServer server(counting(0));
  const std::string set = imported_set();
  setenv("TIDEWATCH_TEST_KEY", "sk-test-1", 1);
  ASSERT_EQ(evaluated(set, server, {"--key-env", "TIDEWATCH_TEST_KEY"}).exit, Exit::ok);
  EXPECT_EQ(server.calls()[0].headers.at("authorization"), "Bearer sk-test-1");
  const auto missing = evaluated(set, server, {"--key-env", "TIDEWATCH_NO_SUCH_KEY"});
  EXPECT_EQ(missing.exit, Exit::usage);
  EXPECT_THAT(missing.err, HasSubstr("TIDEWATCH_NO_SUCH_KEY"));
}

TEST(EvaluateTestset, NeedsAModelToAsk) {
  const auto outcome = run_command({"evaluate", "--config", written("tw.yaml", kConfig), "--testset", imported_set()});
  EXPECT_EQ(outcome.exit, Exit::usage);
  EXPECT_THAT(outcome.err, HasSubstr("--endpoint URL and --model NAME"));
  const auto neither = run_command({"evaluate", "--config", written("tw.yaml", kConfig)});
  EXPECT_EQ(neither.exit, Exit::usage);
  EXPECT_THAT(neither.err, HasSubstr("--testset FILE"));
}

}  // namespace
}  // namespace tidewatch::app_test
