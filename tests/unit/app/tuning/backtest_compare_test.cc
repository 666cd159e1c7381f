#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/app/command_run.h"

namespace tidewatch {
namespace {

using app_test::run_command;
using app_test::written;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

/// Few entities, which is quicker. One config of the default rules, and what a test adds to it.
std::string with_few_entities(const std::string& more = "") { return "entities: [[service]]\n" + more; }

/// A simulated outage of one service after a quiet morning, made once.
class BacktestCompare : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = (std::filesystem::path(testing::TempDir()) / ("BacktestCompare." + std::to_string(::getpid()))).string();
    const auto made = run_command(
        {"gen", "--scenario", "outage", "--hours", "3", "--history", "6", "--rate", "10", "--out", folder_});
    ASSERT_EQ(made.exit, Exit::ok) << made.err;
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  /// Where this test's results go.
  static std::string out() { return std::filesystem::path(written("marker", "")).parent_path() / "out"; }

  static app_test::Outcome backtest(std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        "backtest", "--spans", folder_ + "/spans.jsonl", "--labels", folder_ + "/labels.jsonl", "--out", out()};
    if (std::find(more.begin(), more.end(), "--config") == more.end())
      more.insert(more.end(), {"--config", written("few.yaml", with_few_entities())});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  }

  static Json read(const std::string& name) {
    std::ifstream in(std::filesystem::path(out()) / name);
    return Json::parse(in);
  }

  /// Of the default rules with what `more` makes of them.
  static Json compared(const std::string& more) {
    const auto outcome = backtest({"--compare", written("other.yaml", with_few_entities(more))});
    EXPECT_EQ(outcome.exit, Exit::ok) << outcome.err;
    return read("compare.json");
  }

  /// Differences of one kind of the rule error_rate.
  static std::vector<Json> errors_that(const Json& comparison, const std::string& change) {
    std::vector<Json> found;
    for (const auto& row : comparison["differences"])
      if (row["change"] == change && row["rule"] == "error_rate") found.push_back(row);
    return found;
  }
  static std::set<std::string> codes_of(const Json& difference) {
    std::set<std::string> codes;
    for (const auto& reason : difference["reasons"]) codes.insert(reason["code"].get<std::string>());
    return codes;
  }

  static std::string folder_;
};
std::string BacktestCompare::folder_;

TEST_F(BacktestCompare, RequestsThatCameTooLateAreNotPassedOverInSilence) {
  std::ifstream in(folder_ + "/spans.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string backwards;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) backwards += *line + "\n";
  const auto turned = run_command({"backtest", "--spans", written("backwards.jsonl", backwards), "--out", out()});
  ASSERT_EQ(turned.exit, Exit::ok) << turned.err;
  EXPECT_THAT(turned.out, HasSubstr("requests came after their window was judged and are in no score"));
  EXPECT_THAT(backtest({}).out, Not(HasSubstr("came after their window")));
}

TEST_F(BacktestCompare, ATimeInTheFutureMakesNobodyLate) {
  std::ifstream in(folder_ + "/spans.jsonl");
  std::string lines = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
                      R"("spanId":"eee19b7ec3c1b174","startTimeUnixNano":"3881692800000000000",)"
                      R"("endTimeUnixNano":"3881692801000000000"}]}]}]})"
                      "\n";
  lines.append(std::istreambuf_iterator<char>(in), {});
  const std::string spans = written("one-of-2093.jsonl", lines);
  const std::string votes =
      written("one-of-2093-too.jsonl", R"({"session":"s","thumb":"up","time":"2093-01-01T00:00:00Z"})");
  const auto refused = run_command({"backtest", "--spans", spans, "--feedback", votes, "--out", out()});
  ASSERT_EQ(refused.exit, Exit::ok) << refused.err;
  EXPECT_THAT(refused.out, AllOf(HasSubstr("2 unreadable"), HasSubstr("2 of them lie in the future"),
                                 Not(HasSubstr("came after their window"))));
  std::ifstream letters(std::filesystem::path(out()) / "dead-letter.jsonl");
  std::string letter;
  std::getline(letters, letter);
  EXPECT_THAT(letter, AllOf(HasSubstr("future_time"), HasSubstr("2093-01-02T00:00:01"))) << "which, and when";

  const auto believed =
      run_command({"backtest", "--spans", spans, "--feedback", votes, "--out", out(), "--now", "2094-01-01"});
  EXPECT_THAT(believed.out, AllOf(HasSubstr("came after their window"), Not(HasSubstr("in the future"))));
  EXPECT_EQ(run_command({"backtest", "--spans", spans, "--out", out(), "--now", "soon"}).exit, Exit::usage);
}

TEST_F(BacktestCompare, RequestsThatAreInNoScoreAreNotPassedOverInSilence) {
  const auto span = [](const std::string& resource) {
    return R"({"resourceSpans":[{"resource":{"attributes":[)" + resource +
           R"(]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",)"
           R"("startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225601000000000",)"
           R"("attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}}]}]}]}]})"
           "\n";
  };
  const auto nameless = run_command({"backtest", "--spans", written("nameless.jsonl", span("")), "--out", out()});
  EXPECT_THAT(nameless.out, HasSubstr("1 requests have the labels of no group of entities"));
  const auto brief = run_command(
      {"backtest", "--spans", written("brief.jsonl", span(R"({"key":"service.name","value":{"stringValue":"shop"}})")),
       "--out", out()});
  EXPECT_THAT(brief.out, HasSubstr("no score: the files end before the first window"));
}

TEST_F(BacktestCompare, TheReportHasFiguresOfEachRuleDetectorAndKind) {
  const auto outcome = backtest({});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  const Json labels = read("report.json")["labels"];
  EXPECT_EQ(labels["expected"], 1);
  EXPECT_EQ(labels["found"], 1);
  EXPECT_GT(labels["judged_seconds"].get<double>(), 2 * 3600);
  EXPECT_LT(labels["judged_seconds"].get<double>(), 9.5 * 3600);
  ASSERT_FALSE(labels["by_rule"].empty());
  EXPECT_EQ(labels["by_kind"][0]["name"], "service");
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("1 of 1 incidents found (recall 100 %"), HasSubstr("\nrule "),
                                 HasSubstr("\ndetector "), HasSubstr("\nincident kind "), HasSubstr("a week (95 %")));
}

TEST_F(BacktestCompare, TheSameConfigGivesTheSameAlerts) {
  const Json comparison = compared("");
  EXPECT_TRUE(comparison["differences"].empty());
  EXPECT_TRUE(comparison["config_differences"].empty());
  EXPECT_GT(comparison["same"].get<int>(), 0);
  EXPECT_EQ(comparison["labels"]["recall"], comparison["labels_of_other"]["recall"]);
}

TEST_F(BacktestCompare, AnAlertOfARuleThatIsSwitchedOffVanishes) {
  const auto vanished = errors_that(compared("detectors: [{name: error_rate, enabled: false}]"), "vanishes");
  ASSERT_FALSE(vanished.empty());
  EXPECT_EQ(codes_of(vanished[0]), (std::set<std::string>{"rule_disabled"}));
  EXPECT_TRUE(vanished[0].contains("before"));
  EXPECT_FALSE(vanished[0].contains("after"));
}

TEST_F(BacktestCompare, TheEffectThatIsTooSmallIsNamed) {
  const Json comparison = compared("detectors: [{name: error_rate, alert: {min_effect: 100000%}}]");
  const auto vanished = errors_that(comparison, "vanishes");
  ASSERT_FALSE(vanished.empty());
  EXPECT_THAT(codes_of(vanished[0]), AllOf(Contains("effect"), Contains("config")));
  EXPECT_THAT(vanished[0]["reasons"].dump(), AllOf(HasSubstr("min_effect 1e+05 %"), HasSubstr("alert.min_effect")));
}

TEST_F(BacktestCompare, TooLongAWarmUpIsNamed) {
  const auto vanished = errors_that(compared("detectors: [{name: error_rate, warm_up: 100000}]"), "vanishes");
  ASSERT_FALSE(vanished.empty());
  EXPECT_THAT(codes_of(vanished[0]), Contains("warming_up"));
}

/// A limit needs nothing learnt: what it lacks follows from its own values.
std::string limit(const std::string& more) {
  return with_few_entities(
      "detectors: [{name: limit, measure: error_rate, detector: threshold, above: 20%, window: 1m" + more + "}]");
}

TEST_F(BacktestCompare, TooFewObservationsAreNamed) {
  const auto outcome = backtest({"--config", written("limit.yaml", limit("")), "--compare",
                                 written("other.yaml", limit(", min_count: 1000000"))});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  const Json comparison = read("compare.json");
  ASSERT_FALSE(comparison["differences"].empty());
  for (const auto& row : comparison["differences"]) {
    EXPECT_EQ(row["change"], "vanishes");
    EXPECT_THAT(codes_of(row), AllOf(Contains("min_count"), Contains("config")));
  }
}

TEST_F(BacktestCompare, MoreWindowsInARowDecideLater) {
  const auto outcome = backtest({"--config", written("limit.yaml", limit(", min_count: 3")), "--compare",
                                 written("other.yaml", limit(", min_count: 3, alert: {for: 2}"))});
  ASSERT_EQ(outcome.exit, Exit::ok) << outcome.err;
  size_t moved = 0;
  const Json comparison = read("compare.json");
  for (const auto& row : comparison["differences"]) {
    EXPECT_THAT(codes_of(row), Contains("for_windows")) << row.dump();
    if (row["change"] != "moves") continue;
    ++moved;
    EXPECT_LT(row["before"]["observed_at"].get<std::string>(), row["after"]["observed_at"].get<std::string>());
  }
  EXPECT_GT(moved, 0U);
}

TEST_F(BacktestCompare, ARuleThatOnlyTheOtherHasMakesAlertsAppear) {
  const Json comparison =
      compared("detectors: [{name: limit, measure: error_rate, detector: threshold, above: 20%, window: 5m}]");
  std::set<std::string> rules;
  for (const auto& row : comparison["differences"]) {
    EXPECT_EQ(row["change"], "appears");
    EXPECT_THAT(codes_of(row), Contains("rule_absent"));
    rules.insert(row["rule"].get<std::string>());
  }
  EXPECT_EQ(rules, std::set<std::string>{"limit"});
}

TEST_F(BacktestCompare, AnotherSeverityIsAChange) {
  const Json comparison = compared("detectors: [{name: error_rate, alert: {page_above: 10000000%}}]");
  const auto changed = errors_that(comparison, "severity");
  ASSERT_FALSE(changed.empty());
  EXPECT_EQ(changed[0]["before"]["severity"], "page");
  EXPECT_EQ(changed[0]["after"]["severity"], "ticket");
  EXPECT_THAT(codes_of(changed[0]), Contains("config"));
}

TEST_F(BacktestCompare, WhatDiffersIsToldToPeopleToo) {
  const auto outcome = backtest(
      {"--compare", written("other.yaml", with_few_entities("detectors: [{name: error_rate, enabled: false}]"))});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("vanishes"), HasSubstr("because the rule \"error_rate\" is switched off"),
                                 HasSubstr("detectors.error_rate.enabled true -> false"), HasSubstr("other config")));
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(out()) / "other" / "alerts.jsonl"));
}

TEST_F(BacktestCompare, WhatIsNotMetEndsWithOne) {
  EXPECT_EQ(backtest({"--min-recall", "90%", "--min-precision", "0.1", "--max-delay", "3h"}).exit, Exit::ok);
  const auto failed = backtest({"--max-delay", "1s"});
  EXPECT_EQ(failed.exit, Exit::finding);
  EXPECT_THAT(failed.err, HasSubstr("FAILED: median delay "));
  EXPECT_EQ(backtest({"--min-recall", "often"}).exit, Exit::usage);
  EXPECT_EQ(backtest({"--min-recall", "200%"}).exit, Exit::usage);
  EXPECT_EQ(backtest({"--max-delay", "soon"}).exit, Exit::usage);
  EXPECT_EQ(backtest({"--tolerance-after", "-1m"}).exit, Exit::usage);
  EXPECT_EQ(run_command({"backtest", "--spans", folder_ + "/spans.jsonl", "--out", out(), "--min-recall", "1"}).exit,
            Exit::usage)
      << "needs labels";
}

TEST_F(BacktestCompare, BadLabelsAndABadConfigAreToldBeforeAnythingRuns) {
  const auto labels = run_command({"backtest", "--spans", folder_ + "/spans.jsonl", "--out", out(), "--labels",
                                   written("bad.csv", "start,end\n2026-03-05,never\n")});
  EXPECT_EQ(labels.exit, Exit::bad_data);
  EXPECT_THAT(labels.err, HasSubstr("bad.csv:2: ends_at: \"never\""));
  EXPECT_EQ(backtest({"--compare", written("bad.yaml", "detectrs: []")}).exit, Exit::bad_config);
}

}  // namespace
}  // namespace tidewatch
