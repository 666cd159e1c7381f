#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/stream/detect/detect_run.h"
#include "tests/unit/stream/replay.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SloRule slo(EntityGroup entity = {"service"}) {
  SloRule out;
  out.name = "answers";
  out.entity = std::move(entity);
  out.measure = "error_rate";
  out.objective = 0.995;
  out.alert_at = {};
  return out;
}

DetectOptions options_with(std::vector<SloRule> slos) {
  DetectOptions out = quick_options({});
  out.score_window = std::chrono::minutes(5);
  out.slos = std::move(slos);
  return out;
}

/// Only what is fast.
SloRule fast() {
  SloRule out = slo();
  out.burns = {{14.4, std::chrono::hours(1), std::chrono::minutes(5), Severity::page}};
  return out;
}

/// Minutes [from, to), each with 100 requests of which so many are bad.
void serve(DetectRun& run, double from, double to, int bad, std::string_view key = kShop) {
  for (double m = from; m < to; ++m) {
    run.feed(traffic(key, m, bad));
    run.watermark(m + 1);
  }
}

std::vector<std::string> told(const DetectRun& run) {
  std::vector<std::string> out;
  for (const auto& alert : run.alerts())
    out.push_back(alert.kind() + " " + alert.transition() + " " + alert.severity());
  return out;
}

TEST(Slos, AFastBurnIsToldInASentenceWithFigures) {
  DetectRun run(options_with({fast()}));
  serve(run, 0, 600, 0);
  serve(run, 600, 620, 40);
  ASSERT_THAT(told(run), ElementsAre("slo fired page"));
  const v1::Alert alert = run.alerts()[0];
  EXPECT_EQ(alert.rule(), "answers");
  EXPECT_EQ(alert.measure(), "error_rate");
  EXPECT_EQ(alert.unit(), "share");
  EXPECT_EQ(alert.direction(), "up");
  EXPECT_NEAR(alert.expected(), 0.005, 1e-9);
  EXPECT_GT(alert.value(), 14.4 * 0.005);
  EXPECT_EQ(alert.window_seconds(), 3600);
  EXPECT_EQ(alert.labels().at("service"), "shop");
  EXPECT_GT(alert.surprise(), 20);
  ASSERT_FALSE(alert.exemplars().empty());
  EXPECT_THAT(alert.why(), HasSubstr("SLO answers: service=shop burns its error budget "));
  EXPECT_THAT(alert.why(), HasSubstr("(from 14.4 on it is told): bad were "));
  EXPECT_THAT(alert.why(), HasSubstr(" of 6,000 events in the last 1 h, and 40.0 % of 500 events in the last 5 min"));
  EXPECT_THAT(alert.why(), HasSubstr("(error_rate, objective 99.5 %)"));
  EXPECT_THAT(alert.why(), HasSubstr("Of the error budget of 30 d "));
  EXPECT_THAT(alert.why(), HasSubstr("; at that rate it is gone by 2024-01-"));
}

TEST(Slos, ItEndsWhenItBurnsNoMore) {
  DetectRun run(options_with({fast()}));
  serve(run, 0, 600, 0);
  serve(run, 600, 620, 40);
  serve(run, 620, 660, 0);
  ASSERT_THAT(told(run), ElementsAre("slo fired page", "slo resolved page"));
  EXPECT_EQ(run.alerts()[0].id(), run.alerts()[1].id());
  EXPECT_THAT(run.alerts()[1].why(), HasSubstr("as fast as it may any more: bad were 0.0 % of "));
}

TEST(Slos, AGoodRateIsTurnedRound) {
  SloRule rule = slo();
  rule.measure = "positive_feedback";
  rule.is_good = true;
  rule.objective = 0.9;
  DetectRun run(options_with({rule}));
  for (double m = 0; m < 720; ++m) {
    run.feed(PartialOf(kShop, m).requests(100).rate("positive_feedback", m < 660 ? 98 : 5, 100));
    run.watermark(m + 1);
  }
  ASSERT_THAT(told(run), ElementsAre("slo fired page"));
  const v1::Alert alert = run.alerts()[0];
  EXPECT_EQ(alert.direction(), "down");
  EXPECT_NEAR(alert.expected(), 0.9, 1e-9);
  EXPECT_LT(alert.value(), 0.9);
}

TEST(Slos, SharesOfTheBudgetAreAlertsOfTheirOwn) {
  SloRule rule = slo();
  rule.period = std::chrono::days(1);
  rule.burns = {{199, std::chrono::hours(1), std::chrono::minutes(5), Severity::page}};
  rule.alert_at = {0.5, 1};
  DetectRun run(options_with({rule}));
  serve(run, 0, 1440, 0);
  serve(run, 1440, 1600, 5);
  ASSERT_THAT(told(run), ElementsAre("slo_budget fired ticket", "slo_budget fired ticket"));
  const v1::Alert alert = run.alerts()[1];
  EXPECT_EQ(alert.unit(), "count");
  EXPECT_NEAR(alert.expected(), 720, 1) << "0.5 % of 144,000";
  EXPECT_GE(alert.value(), 720);
  EXPECT_THAT(alert.why(), HasSubstr("has spent 10"));
  EXPECT_THAT(alert.why(), HasSubstr("The error budget of 1 d is gone ("));
}

TEST(Slos, AreOfTheEntitiesThatTheyName) {
  SloRule rule = slo({"service", "endpoint"});
  rule.where = {{"endpoint", {"/re*"}}};
  DetectRun run(options_with({rule}));
  for (double m = 0; m < 120; ++m) {
    for (const auto* key : {"service=shop", "service=shop,endpoint=/chat", "service=shop,endpoint=/report"})
      run.feed(traffic(key, m, 30));
    run.watermark(m + 1);
  }
  ASSERT_FALSE(run.alerts().empty());
  for (const auto& alert : run.alerts()) EXPECT_EQ(alert.labels().at("endpoint"), "/report");
}

TEST(Slos, WhatIsNoRateIsRefused) {
  SloRule rule = slo();
  rule.measure = "latency";
  const auto made = Detect::make(options_with({rule}));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "bad_slo");
  EXPECT_EQ(made.error().message, "slos.answers: \"latency\" is no rate");
}

TEST(Slos, LateEventsCountThoughTheyAreInNoScore) {
  SloRule rule = slo();
  rule.period = std::chrono::days(1);
  rule.alert_at = {1};
  rule.burns = {{199, std::chrono::hours(1), std::chrono::minutes(5), Severity::page}};
  DetectRun run(options_with({rule}));
  serve(run, 0, 1440, 0);
  for (int i = 0; i < 9; ++i) run.feed(traffic(kShop, 100 + i, 90, 100));
  EXPECT_EQ(run.count("late_partials"), 9u);
  serve(run, 1440, 1450, 0);
  EXPECT_THAT(told(run), ElementsAre("slo_budget fired ticket"));
  run.feed(traffic("service=unknown", 100, 90, 100));
  EXPECT_EQ(run.count("late_events_left_out"), 1u);
}

TEST(Slos, ALateCorrectionTakesBack) {
  SloRule rule = slo();
  rule.period = std::chrono::days(1);
  rule.alert_at = {1};
  rule.burns = {{199, std::chrono::hours(1), std::chrono::minutes(5), Severity::page}};
  DetectRun run(options_with({rule}));
  serve(run, 0, 1430, 0);
  serve(run, 1430, 1437, 99);  // 693 of the 720 that may be
  Aggregate correction(MeasureKind::rate);
  for (int i = 0; i < 99; ++i) {
    correction.add_trial(true, -1);
    correction.add_trial(false, 1);
  }
  PartialOf late(kShop, 1430);
  run.feed(late.add("error_rate", correction));
  serve(run, 1437, 1440, 33);
  EXPECT_THAT(told(run), ElementsAre()) << "99 of them were none";
  serve(run, 1440, 1445, 33);
  EXPECT_THAT(told(run), ElementsAre("slo_budget fired ticket"));
}

TEST(Slos, OneThatIsGoneFromTheConfigEndsItsAlerts) {
  DetectRun before(options_with({fast()}));
  serve(before, 0, 600, 0);
  serve(before, 600, 620, 40);
  ASSERT_EQ(told(before).size(), 1u);
  DetectRun after(options_with({}));
  after.restore(before.state(), 620);
  serve(after, 620, 630, 40);
  ASSERT_THAT(told(after), ElementsAre("slo resolved page"));
  EXPECT_EQ(after.alerts()[0].id(), before.alerts()[0].id());
  EXPECT_THAT(after.alerts()[0].why(), HasSubstr("no longer in the config"));
}

TEST(Slos, AnotherObjectiveKeepsWhatWasCounted) {
  SloRule rule = slo();
  rule.objective = 0.9;
  DetectRun before(options_with({rule}));
  serve(before, 0, 1440, 2);
  EXPECT_TRUE(told(before).empty());
  rule.objective = 0.999;
  DetectRun after(options_with({rule}));
  after.restore(before.state(), 1440);
  serve(after, 1440, 1445, 2);
  EXPECT_THAT(told(after), ElementsAre("slo fired page")) << "it knows the day before";
}

TEST(Slos, AShadowTellsNothing) {
  DetectOptions options = options_with({slo()});
  options.is_shadow = true;
  DetectRun run(options);
  serve(run, 0, 100, 40);
  EXPECT_TRUE(told(run).empty());
}

TEST(Slos, ARestartAnywhereCountsNothingTwiceAndForgetsNothing) {
  SloRule answers = slo();
  answers.period = std::chrono::days(1);
  answers.alert_at = {0.2, 0.5, 1};
  SloRule endpoints = slo({"service", "endpoint"});
  endpoints.name = "endpoints";
  DetectOptions options = options_with({answers, endpoints});
  BudgetRule budget;  // both beside each other in an entity's state
  budget.name = "daily";
  budget.entity = {"service"};
  budget.amount = 1;
  budget.time_zone = "UTC";
  options.budgets = {budget};
  std::vector<LogEntry> log;
  const auto add = [&](const PartialOf& partial) { log.push_back(LogEntry::data(partial.key(), partial.bytes())); };
  for (double m = 0; m < 320; ++m) {
    const int bad = static_cast<int>(m) % 80 > 55 ? 30 : 0;
    add(traffic(kShop, m, bad).values("cost", {0.01}));
    if (static_cast<int>(m) % 3 == 0) add(traffic(kChat, m, bad));
    if (static_cast<int>(m) % 11 == 0) add(traffic(kShop, m - 20, 9, 10));  // late
    if (static_cast<int>(m) % 13 == 0) add(traffic(kChat, m - 2, 1, 2));
    log.push_back(LogEntry::mark(minute(m + 1)));
  }
  const StageSpec spec{"detect", {Stream::partials},
                       {},       false,
                       true,     [options] { return std::unique_ptr<Stage>(Detect::make(options).value()); }};
  for (const size_t batch : {size_t{1}, size_t{7}}) {
    ReplayCheck check(spec, log);
    check.run(batch, 5);
    const auto& outputs = check.outputs().outputs();
    EXPECT_GT(std::count_if(outputs.begin(), outputs.end(), [](const Output& o) { return o.stream == Stream::raised; }),
              8);
  }
}

}  // namespace
}  // namespace tidewatch
