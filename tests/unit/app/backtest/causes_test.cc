#include "app/backtest/causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

namespace tidewatch {
namespace {

using testing::HasSubstr;

v1::Alert alert_of(const std::string& cause, double confidence) {
  v1::Alert out;
  out.mutable_cause()->set_kind(cause);
  out.mutable_cause()->set_confidence(confidence);
  return out;
}

struct CausesTest : testing::Test {
  IncidentFound& incident(const std::string& kind, std::vector<v1::Alert> of) {
    IncidentFound& out = assessment.incidents.emplace_back();
    out.label.kind = kind;
    for (auto& alert : of) out.fired.push_back(&alerts.emplace_back(std::move(alert)));
    if (!out.fired.empty()) out.first = out.fired.front();
    out.alerts = out.fired.size();
    return out;
  }
  std::list<v1::Alert> alerts;  // their addresses stay
  Assessment assessment;
};

TEST_F(CausesTest, AnIncidentsCauseIsTheMostConfidentThatIsNamed) {
  const auto& named = incident(
      "data", {alert_of("unknown", 0.9), alert_of("model", 0.6), alert_of("data", 0.8), alert_of("users", 0.7)});
  EXPECT_EQ(named_cause(named)->kind(), "data");
  EXPECT_EQ(named_cause(incident("data", {alert_of("unknown", 0.9), alert_of("model", 0.6)}))->kind(), "model")
      << "unknown is none, however sure";
  EXPECT_EQ(named_cause(incident("data", {alert_of("unknown", 0.9)}))->kind(), "unknown");
  EXPECT_EQ(named_cause(incident("data", {})), nullptr);
}

TEST_F(CausesTest, CountsWhatWasTakenForWhat) {
  incident("data", {alert_of("data", 0.8), alert_of("unknown", 0.7)});
  incident("prompt", {alert_of("model", 0.8)});
  incident("cost", {alert_of("service", 0.8)});
  incident("provider", {alert_of("unknown", 0.6)});
  incident("provider", {});                         // not found
  incident("full moon", {alert_of("users", 0.6)});  // no kind of cause
  incident("users", {alert_of("users", 0.6)}).label.is_alert_expected = false;
  const CauseScore score = score_causes(assessment);
  EXPECT_EQ(score.incidents(), 4U);
  EXPECT_EQ(score.right(), 2U) << "what costs more is the service's";
  EXPECT_EQ(score.unknown(), 1U);
  EXPECT_EQ(score.firsts(), 4U);
  EXPECT_EQ(score.right_firsts(), 2U);
  EXPECT_EQ(score.alerts(), 5U);
  EXPECT_EQ(score.right_alerts(), 2U);
  EXPECT_EQ(score.unknown_alerts(), 2U);
  EXPECT_EQ(score.confusion().at("prompt").at("model"), 1U);
  EXPECT_EQ(to_json(score)["confusion"]["prompt"]["model"], 1);
  EXPECT_EQ(to_json(score)["incidents"]["right"], 2);
  EXPECT_THAT(to_table(score), HasSubstr("likeliest cause right in 2 of 4 incidents (50 %"));
}

TEST_F(CausesTest, ThatNothingSaysItIsRightWhereTheLabelSaysUnknown) {
  incident("unknown", {alert_of("unknown", 0.6)});
  EXPECT_EQ(score_causes(assessment).right(), 1U);
}

TEST_F(CausesTest, WithoutIncidentsThereIsNoTable) { EXPECT_EQ(to_table(score_causes(assessment)), ""); }

}  // namespace
}  // namespace tidewatch
