#include "app/backtest/scorecard.h"

#include <gmock/gmock.h>

#include "app/backtest/estimate.h"
#include "app/backtest/requirements.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Timestamp kStart = Timestamp(1000h);

v1::Alert alert(const std::string& rule, const std::string& kind, Duration at, const std::string& service,
                const std::string& incident = "i") {
  v1::Alert out;
  out.set_id(rule + rfc3339(kStart + at));
  out.set_incident_id(incident);
  out.set_transition("fired");
  out.set_state("firing");
  out.set_severity("ticket");
  out.set_rule(rule);
  out.set_kind(kind);
  (*out.mutable_labels())["service"] = service;
  *out.mutable_observed_at() = to_proto(kStart + at);
  return out;
}

IncidentLabel label(const std::string& name, const std::string& kind, Duration from, Duration to,
                    const std::string& service = "shop") {
  IncidentLabel out;
  out.incident = name;
  out.kind = kind;
  out.starts_at = kStart + from;
  out.ends_at = kStart + to;
  out.labels = {{"service", service}};
  return out;
}

/// Three incidents of two kinds and a benign event; two rules of one detector and one of another.
const std::vector<v1::Alert>& alerts() {
  static const std::vector<v1::Alert> all = {
      alert("refusals", "point", 10min, "shop"),  alert("refusals-slow", "shift", 30min, "shop"),
      alert("errors", "point", 20min, "shop"),    alert("refusals-slow", "shift", 10h + 40min, "shop"),
      alert("errors", "point", 50h, "shop", "x"), alert("errors", "point", 50h + 5min, "docs", "x"),
      alert("errors", "point", 80h, "docs", "y"),
  };
  return all;
}

Assessment assessment() {
  auto benign = label("launch", "users", 80h, 81h, "docs");
  benign.is_alert_expected = false;
  return assess(alerts(),
                {label("a", "model", 0h, 1h), label("b", "model", 10h, 11h), label("c", "data", 20h, 21h), benign}, {},
                7 * 24h);
}

TEST(Scorecard, ARuleIsJudgedByItsOwnAlerts) {
  const Scorecard card = score(assessment());
  ASSERT_EQ(card.rules.size(), 3U);
  const AlertScore& errors = card.rules[0];
  EXPECT_EQ(errors.name, "errors");
  EXPECT_EQ(errors.alerts, 4U);
  EXPECT_EQ(errors.false_alerts, 3U);
  EXPECT_EQ(errors.false_incidents, 2U) << "two of the three share an incident";
  EXPECT_DOUBLE_EQ(errors.precision(), 0.25);
  EXPECT_EQ(errors.found, 1U);
  EXPECT_EQ(errors.found_first, 0U);
  EXPECT_EQ(errors.found_alone, 0U);
  EXPECT_THAT(errors.delays, ElementsAre(20min));
  const AlertScore& refusals = card.rules[1];
  EXPECT_EQ(refusals.found_first, 1U);
  const AlertScore& slow = card.rules[2];
  EXPECT_EQ(slow.found, 2U);
  EXPECT_EQ(slow.found_alone, 1U) << "nothing else found b";
  EXPECT_THAT(slow.delays, ElementsAre(30min, 40min));
}

TEST(Scorecard, ADetectorIsJudgedWithAllItsRules) {
  const Scorecard card = score(assessment());
  ASSERT_EQ(card.detectors.size(), 2U);
  EXPECT_EQ(card.detectors[0].name, "point");
  EXPECT_EQ(card.detectors[0].alerts, 5U);
  EXPECT_EQ(card.detectors[0].found, 1U);
  EXPECT_THAT(card.detectors[0].delays, ElementsAre(10min)) << "of its two alerts in a the first counts";
}

TEST(Scorecard, SeveralAlertsOfOneIncidentFindItOnceAndAreExtra) {
  const Scorecard card = score(assessment());
  ASSERT_EQ(card.kinds.size(), 3U);
  EXPECT_EQ(card.kinds[0].name, "data");
  EXPECT_EQ(card.kinds[0].found, 0U);
  EXPECT_EQ(card.kinds[1].name, "model");
  EXPECT_EQ(card.kinds[1].expected, 2U);
  EXPECT_EQ(card.kinds[1].found, 2U);
  EXPECT_EQ(card.kinds[1].alerts, 4U);
  EXPECT_EQ(card.kinds[1].extra_alerts(), 2U);
  EXPECT_THAT(card.kinds[1].delays, ElementsAre(10min, 40min));
  EXPECT_EQ(card.kinds[2].benign_alerted, 1U);
}

TEST(Scorecard, TheReportHasRecallPrecisionDelayAndFalseAlarmsOfEach) {
  const auto json = to_json(assessment());
  EXPECT_DOUBLE_EQ(json["recall"].get<double>(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(json["precision"].get<double>(), 4.0 / 7);
  EXPECT_DOUBLE_EQ(json["false_alarms_per_week"].get<double>(), 2);
  EXPECT_DOUBLE_EQ(json["delay_seconds"]["median"].get<double>(), 600);
  EXPECT_DOUBLE_EQ(json["delay_seconds"]["p90"].get<double>(), 2400);
  EXPECT_EQ(json["by_rule"][0]["name"], "errors");
  EXPECT_DOUBLE_EQ(json["by_rule"][0]["false_alarms_per_week"]["value"].get<double>(), 2);
  EXPECT_DOUBLE_EQ(json["by_detector"][1]["recall"]["value"].get<double>(), 2.0 / 3);
  EXPECT_EQ(json["by_kind"][1]["extra_alerts"], 2);
  EXPECT_THAT(to_table(assessment()), HasSubstr("recall 67 %"));
}

TEST(Assessment, TheToleranceSaysHowExactLabelsAre) {
  const std::vector<IncidentLabel> labels = {label("a", "model", 15min, 20min)};
  const std::vector<v1::Alert> early = {alerts()[0]};  // at 10 min
  EXPECT_EQ(assess(early, labels).found(), 0U);
  const auto forgiving = assess(early, labels, {.before = 5min, .after = 0min});
  EXPECT_EQ(forgiving.found(), 1U);
  EXPECT_EQ(forgiving.incidents[0].delay, Duration::zero()) << "never below 0";
  const std::vector<v1::Alert> late = {alerts()[1]};  // at 30 min
  EXPECT_EQ(assess(late, labels).found(), 1U);
  EXPECT_EQ(assess(late, labels, {.before = 0min, .after = 9min}).found(), 0U);
  EXPECT_EQ(assess(late, labels, {.before = 0min, .after = 10min}).found(), 1U) << "the end counts";
}

// Values of R: binom.test(8, 9), poisson.test(2).
TEST(Estimate, HasTheIntervalsOfClopperPearsonAndGarwood) {
  const Estimate share = estimate_share(8, 9);
  EXPECT_NEAR(share.low, 0.5175, 1e-4);
  EXPECT_NEAR(share.high, 0.9972, 1e-4);
  const Estimate rate = estimate_per_week(2, 14 * 24h);
  EXPECT_DOUBLE_EQ(rate.value, 1);
  EXPECT_NEAR(rate.low, 0.2422 / 2, 1e-4);
  EXPECT_NEAR(rate.high, 7.2247 / 2, 1e-4);
  EXPECT_EQ(estimate_share(0, 5).low, 0);
  EXPECT_EQ(estimate_share(5, 5).high, 1);
  EXPECT_EQ(estimate_per_week(0, 7 * 24h).low, 0);
  EXPECT_NEAR(estimate_per_week(0, 7 * 24h).high, 3.6889, 1e-4);
}

TEST(Requirements, NameWhatIsNotMet) {
  const Assessment seen = assessment();
  EXPECT_THAT(unmet({.min_recall = 0.6, .min_precision = 0.5, .max_false_per_week = 2, .max_delay = 10min}, seen),
              IsEmpty());
  EXPECT_THAT(unmet({.min_recall = 0.9, .min_precision = 0.6, .max_false_per_week = 1.5, .max_delay = 9min}, seen),
              ElementsAre("recall 66.7 % < 90 %", "precision 57.1 % < 60 %", HasSubstr("2 false alarms a week > 1.5"),
                          "median delay 10 min > 9 min"));
}

TEST(Requirements, WhatCannotBeToldIsNotMet) {
  const Assessment nothing = assess({}, {label("a", "model", 0h, 1h)});
  EXPECT_EQ(unmet({.min_recall = {}, .min_precision = {}, .max_false_per_week = 1, .max_delay = 1h}, nothing).size(),
            2U);
}

}  // namespace
}  // namespace tidewatch
