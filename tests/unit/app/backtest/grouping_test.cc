#include "app/backtest/grouping.h"

#include <gmock/gmock.h>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart = Timestamp(1000h);

v1::Alert alert(const std::string& id, const std::string& incident, Duration at, const std::string& service) {
  v1::Alert out;
  out.set_id(id);
  out.set_incident_id(incident);
  out.set_transition("fired");
  out.set_state("firing");
  (*out.mutable_labels())["service"] = service;
  *out.mutable_observed_at() = to_proto(kStart + at);
  return out;
}

IncidentLabel label(const std::string& name, Duration from, const std::string& service) {
  IncidentLabel out;
  out.incident = name;
  out.starts_at = kStart + from;
  out.ends_at = kStart + from + 1h;
  out.labels = {{"service", service}};
  return out;
}

TEST(Grouping, OneIncidentForEachProblemIsBest) {
  const std::vector<v1::Alert> alerts = {alert("1", "a", 5min, "shop"), alert("2", "a", 9min, "shop"),
                                         alert("3", "b", 7min, "desk")};
  const auto score = score_grouping(assess(alerts, {label("x", 0h, "shop"), label("y", 0h, "desk")}));
  EXPECT_EQ(score.found, 2u);
  EXPECT_EQ(score.told, 2u);
  EXPECT_EQ(score.purity(), 1);
  EXPECT_EQ(score.completeness(), 1);
  EXPECT_EQ(score.per_true_incident(), 1);
}

TEST(Grouping, ASplitProblemCostsCompletenessAndAMixedIncidentPurity) {
  const std::vector<v1::Alert> alerts = {alert("1", "a", 5min, "shop"), alert("2", "a", 9min, "shop"),
                                         alert("3", "b", 15min, "shop"), alert("4", "b", 7min, "desk")};
  const auto score = score_grouping(assess(alerts, {label("x", 0h, "shop"), label("y", 0h, "desk")}));
  EXPECT_EQ(score.told, 3u);
  EXPECT_DOUBLE_EQ(score.per_true_incident(), 1.5);
  EXPECT_DOUBLE_EQ(score.purity(), 0.75);
  EXPECT_DOUBLE_EQ(score.completeness(), 0.75);
}

TEST(Grouping, AnAlertOfTwoProblemsCountsForTheLater) {
  const std::vector<v1::Alert> alerts = {alert("1", "a", 5min, "shop"), alert("2", "b", 50min, "shop")};
  const auto score = score_grouping(assess(alerts, {label("x", 0h, "shop"), label("y", 45min, "shop")}));
  EXPECT_EQ(score.told, 2u);
  EXPECT_EQ(score.completeness(), 1);
}

TEST(Grouping, FalseAlarmsAndBenignEventsDoNotCount) {
  auto benign = label("launch", 0h, "docs");
  benign.is_alert_expected = false;
  const std::vector<v1::Alert> alerts = {alert("1", "a", 5min, "docs"), alert("2", "b", 90h, "shop")};
  const auto score = score_grouping(assess(alerts, {benign, label("x", 0h, "shop")}));
  EXPECT_EQ(score.alerts, 0u);
  EXPECT_EQ(score.purity(), 1);
  EXPECT_EQ(to_text(score), "");
}

}  // namespace
}  // namespace tidewatch
