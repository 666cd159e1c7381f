#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "app/backtest/assessment.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

constexpr Timestamp kStart = Timestamp(std::chrono::hours(1000));

IncidentLabel label(const std::string& name, const std::string& endpoint, bool is_alert_expected) {
  IncidentLabel out;
  out.incident = name;
  out.starts_at = kStart;
  out.ends_at = kStart + std::chrono::hours(2);
  out.labels = {{"service", "docs"}, {"endpoint", endpoint}};
  out.is_alert_expected = is_alert_expected;
  return out;
}

v1::Alert alert_of(const std::string& endpoint) {
  v1::Alert out;
  out.set_id("a" + endpoint);
  out.set_incident_id("i" + endpoint);
  out.set_transition("fired");
  out.set_severity("ticket");
  (*out.mutable_labels())["service"] = "docs";
  if (!endpoint.empty()) (*out.mutable_labels())["endpoint"] = endpoint;
  *out.mutable_observed_at() = to_proto(kStart + std::chrono::minutes(10));
  return out;
}

TEST(Assessment, AnAlertOfAnIncidentIsNotHeldAgainstABenignEventOfTheSameService) {
  const std::vector<v1::Alert> alerts = {alert_of("")};  // of the service: contradicts neither
  const auto seen = assess(alerts, {label("bad", "/bad", true), label("launch", "/launch", false)});
  ASSERT_EQ(seen.incidents.size(), 2U);
  EXPECT_EQ(seen.incidents[0].alerts, 1U);
  EXPECT_EQ(seen.incidents[1].alerts, 0U);
  EXPECT_TRUE(seen.false_alerts.empty());
}

TEST(Assessment, AnAlertThatOnlyTheBenignEventExplainsIsFalse) {
  const std::vector<v1::Alert> alerts = {alert_of("/launch")};
  const auto seen = assess(alerts, {label("bad", "/bad", true), label("launch", "/launch", false)});
  EXPECT_EQ(seen.incidents[0].alerts, 0U);
  EXPECT_EQ(seen.incidents[1].alerts, 1U);
  EXPECT_EQ(seen.false_alerts.size(), 1U);
}

TEST(Assessment, WhatABudgetSaysIsNoGuess) {
  auto spent = alert_of("/bad");
  spent.set_kind("budget");
  const auto seen = assess({spent}, {label("bad", "/bad", true)});
  EXPECT_EQ(seen.incidents[0].alerts, 0U);
  EXPECT_TRUE(seen.false_alerts.empty());
}

TEST(Assessment, WhatIsACountFindsIncidentsAndIsNeverFalse) {
  for (const auto* kind : {"slo", "confirmed"}) {
    auto inside = alert_of("/bad");
    auto outside = alert_of("/other");
    for (auto* alert : {&inside, &outside}) alert->set_kind(kind);
    const std::vector<v1::Alert> alerts = {inside, outside};
    const auto seen = assess(alerts, {label("bad", "/bad", true)});
    EXPECT_EQ(seen.incidents[0].alerts, 1U) << kind;
    EXPECT_TRUE(seen.false_alerts.empty()) << kind;
    EXPECT_EQ(seen.fired, 1U) << kind;
  }
}

TEST(Assessment, ThatAShareOfAnErrorBudgetIsSpentFindsNothing) {
  auto spent = alert_of("/bad");
  spent.set_kind("slo_budget");
  const std::vector<v1::Alert> alerts = {spent};
  EXPECT_EQ(assess(alerts, {label("bad", "/bad", true)}).incidents[0].alerts, 0U);
}

}  // namespace
}  // namespace tidewatch
