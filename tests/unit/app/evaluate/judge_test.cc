#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/fake_model/fake_model_server.h"
#include "tests/unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using fake_model::fails;
using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using fake_model::says;
using fake_model::with_fault;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

std::string trace_of(int number) { return fmt::format("{:032x}", number + 1); }

Json attribute(const std::string& key, const std::string& value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

std::string message(const std::string& role, const std::string& text) {
  return Json::array({{{"role", role}, {"parts", Json::array({{{"type", "text"}, {"content", text}}})}}}).dump();
}

/// A model call of one request, a second after the one before; every tenth answer is bad.
std::string spans_of(int requests) {
  std::string out;
  for (int i = 0; i < requests; ++i) {
    const int64_t start = 1'767'225'600'000'000'000 + i * 1'000'000'000LL;
    const Json span = {
        {"traceId", trace_of(i)},
        {"spanId", fmt::format("{:016x}", i + 1)},
        {"name", "chat"},
        {"startTimeUnixNano", std::to_string(start)},
        {"endTimeUnixNano", std::to_string(start + 500'000'000)},
        {"attributes", Json::array({attribute("gen_ai.operation.name", "chat"),
                                    attribute("gen_ai.input.messages", message("user", fmt::format("question {}", i))),
                                    attribute("gen_ai.output.messages",
                                              message("assistant", i % 10 == 0 ? "a bad answer" : "a good answer"))})}};
    const Json resource = {{"attributes", Json::array({attribute("service.name", "shop")})}};
    out +=
        Json{{"resourceSpans",
              Json::array({{{"resource", resource}, {"scopeSpans", Json::array({{{"spans", Json::array({span})}}})}}})}}
            .dump() +
        "\n";
  }
  return written("spans.jsonl", out);
}

std::vector<Json> lines_of(const std::string& path) {
  std::vector<Json> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.push_back(Json::parse(line));
  return out;
}

/// Judges as it should.
FakeReply honest(const FakeCall& call) {
  const bool is_bad = call.body.find("a bad answer") != std::string::npos;
  return says(is_bad ? R"({"reason": "it is bad", "score": 1})" : R"({"reason": "it is good", "score": 5})");
}

std::string config(const std::string& url, const std::string& more = "", const std::string& validators = "") {
  return fmt::format(
      "sampling: {{random: 20%}}\n{}judge: {{url: \"{}\", model: fake-model, retries: 0, patience: 1s, {}"
      "price: {{input: 1000 USD, output: 0 USD}}, calls_per_hour: 0}}\njudges: {{to_the_point: {{rubric: "
      "relevance}}}}\n",
      validators, url, more);
}

Outcome evaluate(const std::string& yaml, const std::string& spans, const std::string& out,
                 std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"evaluate", "--config", written("tw.yaml", yaml), "--spans", spans,
                                        "--out",    out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

TEST(EvaluateWithAJudge, JudgesASampleAndSaysWhatItCost) {
  FakeModelServer server(honest);
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome = evaluate(config(server.url()), spans_of(1'000), out);
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  const auto evaluations = lines_of(out);
  EXPECT_NEAR(static_cast<double>(evaluations.size()), 200, 55);
  std::string before;
  double passed = 0;
  for (const Json& one : evaluations) {
    EXPECT_EQ(one["name"], "to_the_point");
    EXPECT_EQ(one["evaluator"], "fake-model/relevance@1");
    EXPECT_EQ(one["inclusion_probability"], 0.2);
    EXPECT_EQ(one["score"], one["passed"] ? 1 : 0);
    EXPECT_LE(before, one["time"].get<std::string>());
    before = one["time"];
    passed += one["passed"] ? 1 : 0;
  }
  EXPECT_NEAR(passed / static_cast<double>(evaluations.size()), 0.9, 0.09);
  EXPECT_THAT(outcome.out,
              AllOf(ContainsRegex("to_the_point +[0-9.]+ % passed, 95 % interval"), HasSubstr(": it is bad"),
                    HasSubstr(fmt::format("judge: {} calls", evaluations.size())),
                    HasSubstr(fmt::format("{:.4f} USD", 0.1 * static_cast<double>(evaluations.size())))));
}

TEST(EvaluateWithAJudge, AJudgeThatIsAwayLeavesWhatRulesFound) {
  for (const FakeReply& fault : {fails(503), with_fault(FakeReply::Fault::hang), fails(429)}) {
    FakeModelServer server({fault});
    const std::string out = written("evaluations.jsonl", "");
    const auto outcome =
        evaluate(config(server.url(), "", "validators: {short: {check: length, max_words: 10}}\n"), spans_of(200), out);
    EXPECT_EQ(outcome.exit, Exit::broker_unavailable);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("ended early: no answer for 1s"), HasSubstr(server.url())));
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("nothing judged"), HasSubstr("unjudged: given_up")));
    const auto evaluations = lines_of(out);
    EXPECT_GT(evaluations.size(), 10);
    for (const Json& one : evaluations) EXPECT_EQ(one["name"], "short");
  }
}

TEST(EvaluateWithAJudge, ARefusedKeyIsSaidAtOnce) {
  FakeModelServer server({fails(401, "Incorrect API key provided")});
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome = evaluate(config(server.url(), "breaker_failures: 2, "), spans_of(200), out);
  EXPECT_EQ(outcome.exit, Exit::broker_unavailable);
  EXPECT_THAT(outcome.err, HasSubstr("Incorrect API key provided (bad_key)"));
  EXPECT_LE(server.calls().size(), 8);
}

TEST(EvaluateWithAJudge, AtItsCapItEndsAndWhatWasJudgedSpeaksForAll) {
  FakeModelServer server(honest);
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome =
      evaluate(config(server.url(), "usd_per_day: 6 USD, max_tokens: 16, concurrency: 1, "), spans_of(1'000), out);
  EXPECT_EQ(outcome.exit, Exit::broker_unavailable);
  EXPECT_THAT(outcome.err, HasSubstr("its cap on spending or calls is reached"));
  EXPECT_THAT(outcome.out, ContainsRegex("[0-9]+ unjudged: cap_reached"));
  const auto evaluations = lines_of(out);
  // A call costs 0.1 USD, and about 1 USD is reserved before it is sent.
  EXPECT_GT(evaluations.size(), 40);
  EXPECT_LE(evaluations.size(), 60);
  EXPECT_GT(evaluations.back()["time"], "2026-01-01T00:12:00Z") << "not those of the first minutes only";
}

TEST(EvaluateWithAJudge, AFewThatCannotBeReadAreCountedByReason) {
  FakeModelServer server([](const FakeCall& call) {
    if (call.body.find("question 1") != std::string::npos) return says("no JSON here");
    return honest(call);
  });
  const auto outcome = evaluate(config(server.url()), spans_of(500), written("evaluations.jsonl", ""));
  EXPECT_EQ(outcome.exit, Exit::ok);
  EXPECT_THAT(outcome.out,
              AllOf(ContainsRegex("[0-9]+ unjudged: unreadable"), ContainsRegex("[0-9]+ answers asked for once more")));
}

TEST(EvaluateWithAJudge, LabelsOfPeopleSayHowFarItCanBeTrusted) {
  FakeModelServer server(honest);
  std::string labels;
  for (int i = 0; i < 1'000; ++i)
    labels += fmt::format(R"({{"trace_id":"{}","name":"to_the_point","passed":{},"evaluator":"human"}})"
                          "\n",
                          trace_of(i), i % 10 == 0 ? "false" : "true");
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome =
      evaluate(config(server.url()), spans_of(1'000), out, {"--labels", written("labels.jsonl", labels)});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(ContainsRegex("to_the_point +[0-9]+ labels of people: kappa 1.00"),
                                 HasSubstr("% pass as people would judge"),
                                 ContainsRegex("[0-9]+ labels are of what no judge of that name judged")));
  const auto bad = evaluate(config(server.url()), spans_of(10), out,
                            {"--labels", written("labels.jsonl", "{\"trace_id\":\"1\",\"name\":\"x\"}\n")});
  EXPECT_EQ(bad.exit, Exit::bad_data);
  EXPECT_THAT(bad.err, HasSubstr("labels.jsonl:1: a label needs trace_id, name and passed"));
}

std::string canaries() {
  std::string out;
  for (int i = 0; i < 30; ++i)
    out += fmt::format(R"({{"id":"c{}","judge":"to_the_point","question":"question {}","answer":"{}","passed":{}}})"
                       "\n",
                       i, i, i % 2 == 0 ? "a good answer" : "a bad answer", i % 2 == 0 ? "true" : "false");
  return written("canaries.jsonl", out);
}

TEST(JudgeCanaries, AJudgeThatChangesIsToldFromQualityThatDoes) {
  FakeModelServer server(honest);
  const std::string yaml = written("tw.yaml", config(server.url()));
  const std::string out = written("canary_evaluations.jsonl", "");
  const std::string file = canaries();
  std::filesystem::remove(file + ".history");
  const auto run = [&] { return run_command({"evaluate", "--config", yaml, "--canary", file, "--out", out}); };
  auto outcome = run();
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("30 of 30 canaries judged as they should be, by fake-model/relevance@1"),
                                 HasSubstr("its first run")));
  outcome = run();
  EXPECT_EQ(outcome.exit, Exit::ok);
  EXPECT_THAT(outcome.out, HasSubstr("0 score higher, 0 lower, 30 the same"));
  EXPECT_THAT(server.calls(), SizeIs(60)) << "asked anew each time";

  server.set_answer([](const FakeCall& call) {  // stricter than before, and nobody said so
    return call.body.find("a bad answer") != std::string::npos ? honest(call)
                                                               : says(R"({"reason": "not quite", "score": 3})");
  });
  outcome = run();
  EXPECT_EQ(outcome.exit, Exit::finding);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("15 of 30 canaries"), HasSubstr("0 score higher, 15 lower, 15 the same"),
                                 HasSubstr("judge drift: fake-model/relevance@1")));
  const auto evaluations = lines_of(out);
  ASSERT_THAT(evaluations, SizeIs(30));
  EXPECT_EQ(evaluations[0]["name"], "judge_canary_to_the_point");
  EXPECT_EQ(evaluations[0]["labels"]["service"], "tidewatch-judge");
}

TEST(JudgeCanaries, SaysWhatIsWrong) {
  FakeModelServer server(honest);
  const std::string yaml = written("tw.yaml", config(server.url()));
  const auto error_of = [&](const std::string& line) {
    return run_command({"evaluate", "--config", yaml, "--canary", written("c.jsonl", line + "\n"), "--out",
                        written("out.jsonl", "")})
        .err;
  };
  EXPECT_THAT(error_of("nonsense"), HasSubstr("c.jsonl:1: no JSON object"));
  EXPECT_THAT(error_of(R"({"id":"a","judge":"to_the_point","answer":"x"})"), HasSubstr("'passed' not found"));
  EXPECT_THAT(error_of(R"({"id":"a","judge":"j","answer":"x","passed":true})"), HasSubstr("has no judge \"j\""));
  EXPECT_THAT(error_of(R"({"id":"a","judgee":"j"})"), HasSubstr("judgee is no key of a canary"));
  EXPECT_THAT(run_command({"evaluate", "--config", yaml, "--out", written("out.jsonl", "")}).err,
              HasSubstr("--canary FILE"));
}

}  // namespace
}  // namespace tidewatch::app_test
