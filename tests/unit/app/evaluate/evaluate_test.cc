#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/app/command_run.h"

namespace tidewatch::app_test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

std::string trace_of(int number) { return fmt::format("{:032x}", number + 1); }

/// A model call of one request, a second after the one before; every tenth answer has twelve words.
std::string span(int number) {
  const Json text = {
      {"key", "gen_ai.output.messages"},
      {"value",
       {{"stringValue",
         Json::array(
             {{{"role", "assistant"},
               {"parts", Json::array({{{"type", "text"},
                                       {"content", number % 10 == 0 ? "a b c d e f g h i j k l" : "a short one"}}})}}})
             .dump()}}}};
  const Json operation = {{"key", "gen_ai.operation.name"}, {"value", {{"stringValue", "chat"}}}};
  const int64_t start = 1'767'225'600'000'000'000 + number * 1'000'000'000LL;
  const Json out = {{"traceId", trace_of(number)},
                    {"spanId", fmt::format("{:016x}", number + 1)},
                    {"name", "chat"},
                    {"startTimeUnixNano", std::to_string(start)},
                    {"endTimeUnixNano", std::to_string(start + 500'000'000)},
                    {"attributes", Json::array({operation, text})}};
  const Json resource = {
      {"attributes", Json::array({{{"key", "service.name"}, {"value", {{"stringValue", "shop"}}}}})}};
  return Json{{"resourceSpans",
               Json::array({{{"resource", resource}, {"scopeSpans", Json::array({{{"spans", Json::array({out})}}})}}})}}
             .dump() +
         "\n";
}

std::string spans_of(int requests) {
  std::string out;
  for (int i = 0; i < requests; ++i) out += span(i);
  return written("spans.jsonl", out);
}

std::vector<Json> lines_of(const std::string& path) {
  std::vector<Json> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.push_back(Json::parse(line));
  return out;
}

constexpr const char* kConfig =
    "sampling: {random: 20%}\nvalidators: {short: {check: length, max_words: 10}, figures: {check: numbers}}\n";

TEST(EvaluateCommand, JudgesASampleAndSaysHowProbableItWas) {
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome =
      run_command({"evaluate", "--config", written("tw.yaml", kConfig), "--spans", spans_of(2'000), "--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(ContainsRegex("[0-9]+ of 2000 requests chosen"), HasSubstr("none of"),
                    HasSubstr("could be judged: nothing was retrieved"), HasSubstr("12 words, more than 10")));
  const auto evaluations = lines_of(out);
  EXPECT_NEAR(static_cast<double>(evaluations.size()), 400, 75);
  double weight = 0;
  double failed = 0;
  std::string before;
  for (const Json& one : evaluations) {
    EXPECT_EQ(one["name"], "short");
    EXPECT_EQ(one["inclusion_probability"], 0.2);
    EXPECT_EQ(one["evaluator"], "tidewatch/length");
    EXPECT_LE(before, one["time"].get<std::string>()) << "a stream is in the order of time";
    before = one["time"];
    weight += 1 / one["inclusion_probability"].get<double>();
    if (!one["passed"]) failed += 1 / one["inclusion_probability"].get<double>();
  }
  EXPECT_NEAR(weight, 2'000, 400);
  EXPECT_NEAR(failed / weight, 0.1, 0.06);
}

TEST(EvaluateCommand, WhatItWritesIsCountedByBacktestAsThePopulation) {
  const std::string spans = spans_of(2'000);
  const std::string config = written("tw.yaml", kConfig);
  const std::string out = written("evaluations.jsonl", "");
  ASSERT_EQ(run_command({"evaluate", "--config", config, "--spans", spans, "--out", out}).exit, Exit::ok);
  const std::string folder = std::filesystem::path(out).parent_path() / "backtest";
  const auto outcome =
      run_command({"backtest", "--config", config, "--spans", spans, "--evaluations", out, "--out", folder});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_THAT(outcome.out, Not(HasSubstr("came after their window")));
  double passed = 0;
  double windows = 0;
  for (const Json& score : lines_of(folder + "/quality-scores.jsonl"))
    for (const Json& measure : score["measures"])
      if (measure["measure"] == "pass_short" && measure.contains("value")) {
        passed += measure["value"].get<double>();
        windows += 1;
      }
  ASSERT_GT(windows, 3);
  EXPECT_NEAR(passed / windows, 0.9, 0.06);
}

TEST(EvaluateCommand, ABacktestJudgesTheSampleItself) {
  const std::string spans = spans_of(2'000);
  const std::string config = written("tw.yaml", kConfig);
  const std::string out = std::filesystem::path(config).parent_path() / "own-backtest";
  const auto outcome = run_command({"backtest", "--config", config, "--spans", spans, "--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  EXPECT_NEAR(static_cast<double>(lines_of(out + "/evaluations.jsonl").size()), 400, 75);
  size_t windows = 0;
  for (const Json& score : lines_of(out + "/quality-scores.jsonl"))
    for (const Json& measure : score["measures"])
      if (measure["measure"] == "pass_short" && measure.contains("value")) ++windows;
  EXPECT_GT(windows, 3u);
}

TEST(EvaluateCommand, WhatUsersReportIsAlwaysLookedAtAndLateItIsNotCounted) {
  const std::string votes =
      written("votes.jsonl", fmt::format(R"({{"trace_id":"{}","thumb":"down","time":"2026-01-01T00:00:20Z"}})"
                                         "\n"
                                         R"({{"trace_id":"{}","thumb":"down","time":"2026-01-01T00:30:00Z"}})"
                                         "\n",
                                         trace_of(10), trace_of(20)));
  const std::string out = written("evaluations.jsonl", "");
  const auto outcome = run_command(
      {"evaluate", "--config",
       written("tw.yaml", "sampling: {random: 0.0001%}\nvalidators: {short: {check: length, max_words: 10}}\n"),
       "--spans", spans_of(2'400), "--feedback", votes, "--out", out});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  const auto evaluations = lines_of(out);
  ASSERT_THAT(evaluations, SizeIs(2));
  EXPECT_EQ(evaluations[0]["trace_id"], trace_of(10));
  EXPECT_EQ(evaluations[0]["name"], "short");
  EXPECT_EQ(evaluations[0]["inclusion_probability"], 1);
  EXPECT_EQ(evaluations[1]["trace_id"], trace_of(20));
  EXPECT_EQ(evaluations[1]["name"], "short_outside_sample") << "it would count as if every answer were judged";
  EXPECT_FALSE(evaluations[1].contains("inclusion_probability"));
  EXPECT_THAT(outcome.out, HasSubstr("1 reported later and looked at outside of the sample"));
}

TEST(EvaluateCommand, SaysWhatIsMissing) {
  const std::string spans = spans_of(3);
  const std::string out = written("evaluations.jsonl", "");
  const auto run = [&](const std::string& config) {
    return run_command({"evaluate", "--config", written("tw.yaml", config), "--spans", spans, "--out", out});
  };
  EXPECT_THAT(run("validators: {short: {check: length, max_words: 10}}\n").err, HasSubstr("samples nothing"));
  EXPECT_THAT(run("sampling: {random: 5%}\n").err, HasSubstr("has no validators and no judges"));
  const auto other =
      run("sampling: {random: 100%}\nvalidators: {short: {check: length, max_words: 10, where: {service: other}}}\n");
  EXPECT_EQ(other.exit, Exit::ok);
  EXPECT_THAT(other.out, HasSubstr("for none of the chosen requests"));
  EXPECT_THAT(lines_of(out), IsEmpty());
  const auto unwritable = run_command(
      {"evaluate", "--config", written("tw.yaml", kConfig), "--spans", spans, "--out", "/nowhere/evaluations.jsonl"});
  EXPECT_THAT(unwritable.err, HasSubstr("/nowhere/evaluations.jsonl: cannot be written"));
  EXPECT_NE(unwritable.exit, Exit::ok);
}

}  // namespace
}  // namespace tidewatch::app_test
