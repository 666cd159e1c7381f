#include "app/backtest/reasons.h"

#include <gmock/gmock.h>

#include "app/config/differences.h"
#include "tests/unit/app/config/loading.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TracedVerdict scored(double surprise, double effect, double absolute = 1) {
  TracedVerdict out;
  out.start = Timestamp(1000h);
  out.end = out.start + 5min;
  out.judgement = Judgement::scored;
  out.value = 0.03;
  out.expected = 0.02;
  out.surprise = surprise;
  out.effect = effect;
  out.effect_absolute = absolute;
  out.needs = {17.6, 0.1, 0.005};
  return out;
}

std::vector<std::string> codes_of(const std::vector<Reason>& reasons) {
  std::vector<std::string> out;
  for (const Reason& reason : reasons) out.push_back(reason.code);
  return out;
}
std::vector<std::string> lacking_of(std::vector<TracedVerdict> verdicts) {
  return codes_of(lacking(verdicts, "share"));
}

TEST(Reasons, NameEachNeedThatWasNotReached) {
  EXPECT_THAT(lacking_of({scored(14.2, 0.5)}), ElementsAre("surprise"));
  EXPECT_THAT(lacking_of({scored(20, -0.08)}), ElementsAre("effect"));
  EXPECT_THAT(lacking_of({scored(20, 0.5, 0.003)}), ElementsAre("effect_absolute"));
  EXPECT_THAT(lacking_of({scored(1, 0.01, 0.001)}), ElementsAre("surprise", "effect", "effect_absolute"));
  const std::vector<TracedVerdict> one = {scored(14.2, 0.08)};
  const auto reasons = lacking(one, "share");
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].text, "surprise 14.2 bits < 17.6 needed");
  EXPECT_THAT(reasons[1].text, AllOf(HasSubstr("effect 8 % < min_effect 10 %"), HasSubstr("3.0 % (expected 2.0 %)")));
}

TEST(Reasons, TheNearestVerdictIsTheOneThatCounts) {
  const std::vector<TracedVerdict> several = {scored(3, 0.5), scored(16, 0.5), scored(40, 0.01)};
  EXPECT_EQ(nearest_verdict(several), &several[1]) << "reached 91 % of what it needs, the last a tenth";
}

TEST(Reasons, WhatWasNotScoredSaysWhy) {
  TracedVerdict verdict = scored(30, 1);
  verdict.is_suppressed = true;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("suppressed"));
  verdict.is_suppressed = false;
  verdict.judgement = Judgement::warming_up;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("warming_up"));
  verdict.judgement = Judgement::gathering;
  verdict.n = 7;
  verdict.min_count = 20;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("min_count"));
  const std::vector<TracedVerdict> few = {verdict};
  EXPECT_EQ(lacking(few, "share")[0].text, "7 observations < min_count 20");
  verdict.judgement = Judgement::missing;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("missing"));
  EXPECT_THAT(lacking_of({}), ElementsAre("not_judged"));
  EXPECT_THAT(lacking_of({verdict, scored(2, 1)}), ElementsAre("surprise")) << "what was scored says more";
}

TEST(Reasons, EnoughForAnAlertMayStillBeTooShort) {
  TracedVerdict verdict = scored(30, 1);
  EXPECT_THAT(lacking_of({verdict}), IsEmpty());
  verdict.for_windows = 3;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("for_windows"));
  verdict.is_firing = true;
  EXPECT_THAT(lacking_of({verdict}), ElementsAre("firing_already"));
}

v1::Alert alert_of(const std::string& rule, std::map<std::string, std::string> labels) {
  v1::Alert out;
  out.set_rule(rule);
  out.set_measure("refusal_rate");
  out.set_unit("share");
  for (auto& [name, value] : labels) (*out.mutable_labels())[name] = value;
  return out;
}

TEST(Reasons, ARuleThatIsNotThereComesFirst) {
  const auto why = [](const std::string& yaml, const std::string& rule, std::map<std::string, std::string> labels) {
    const auto loaded = load(yaml);
    EXPECT_THAT(errors_of(loaded), IsEmpty());
    const std::vector<TracedVerdict> verdicts = {scored(14, 0.5)};
    return codes_of(why_absent(alert_of(rule, labels), loaded.config, verdicts,
                               config_differences(default_config(), loaded.config)));
  };
  EXPECT_THAT(why("", "mine", {{"service", "a"}}), ElementsAre("rule_absent"));
  EXPECT_THAT(why("detectors: [{name: refusal_rate, enabled: false}]", "refusal_rate", {{"service", "a"}}),
              ElementsAre("rule_disabled"));
  EXPECT_THAT(why("mode: shadow", "refusal_rate", {{"service", "a"}}), ElementsAre("shadow"));
  EXPECT_THAT(why("detectors: [{name: refusal_rate, entity: [service]}]", "refusal_rate",
                  {{"service", "a"}, {"endpoint", "/b"}}),
              ElementsAre("entity_not_watched"));
  EXPECT_THAT(why("detectors: [{name: refusal_rate, window: 10m}]", "refusal_rate", {{"service", "a"}}),
              ElementsAre("surprise", "config"));
  EXPECT_THAT(why("false_alarms: {per_week: 3}", "refusal_rate", {{"service", "a"}}),
              ElementsAre("surprise", "config"));
}

TEST(ConfigDifferences, NameWhatDecidesAboutAlerts) {
  const auto differences = [](const std::string& before, const std::string& after) {
    std::vector<std::string> out;
    for (const auto& one : config_differences(load(before).config, load(after).config)) out.push_back(to_string(one));
    return out;
  };
  EXPECT_THAT(differences("", ""), IsEmpty());
  EXPECT_THAT(differences("kafka: {brokers: [a:1]}", "kafka: {brokers: [b:2]}\nlog: {level: debug}"), IsEmpty());
  EXPECT_THAT(differences("", "detectors: [{name: refusal_rate, window: 10m}]"),
              ElementsAre("detectors.refusal_rate.window 5m -> 10m"));
  EXPECT_THAT(differences("false_alarms: {per_week: 2}", "false_alarms: {per_week: 3}"),
              ElementsAre("false_alarms.per_week 2 -> 3"));
  EXPECT_THAT(differences("", "detectors: [{name: mine, measure: cost, detector: point}]"),
              ElementsAre(HasSubstr("detectors.mine (nothing) -> {")));
  EXPECT_THAT(differences("detectors: [{name: refusal_rate, alert: {min_effect: 20%}}]",
                          "detectors: [{name: refusal_rate, alert: {min_effect: 40%}}]"),
              ElementsAre("detectors.refusal_rate.alert.min_effect 20% -> 40%"));
}

}  // namespace
}  // namespace tidewatch
