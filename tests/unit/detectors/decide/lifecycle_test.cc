#include "detectors/decide/lifecycle.h"

#include <gtest/gtest.h>

#include <vector>

#include "detectors/decide/false_alarms.h"
#include "detectors/decide/ids.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWidth = 5min;

Verdict verdict_of(double surprise, double effect) {
  Verdict out;
  out.judgement = Judgement::scored;
  out.direction = Direction::up;
  out.surprise = surprise;
  out.effect = effect;
  return out;
}
const Verdict kBad = verdict_of(40, 0.5);
const Verdict kCalm = verdict_of(1, 0.01);

AlertRule refusals() {
  AlertRule rule;
  rule.name = "refusals";
  rule.needs = {.surprise = 20, .effect = 0.1};
  return rule;
}

/// Steps windows through a lifecycle and keeps what it announced.
struct Story {
  AlertRule rule = refusals();
  AlertLifecycle alert;
  std::vector<Transition> told;
  Timestamp start{};

  void pass(const Verdict& verdict, int windows = 1, bool is_suppressed = false) {
    for (int i = 0; i < windows; ++i, start += kWidth)
      if (auto change = alert.step(rule, "service=shop", start, kWidth, verdict, is_suppressed))
        told.push_back(*change);
  }
};

TEST(AlertLifecycle, FiresOnceHoweverLongItLastsAndResolvesWhenCalm) {
  Story story;
  story.pass(kCalm, 10);
  const Timestamp began = story.start;
  story.pass(kBad, 50);
  ASSERT_EQ(story.told.size(), 1U);
  EXPECT_EQ(story.told[0].kind, Transition::Kind::fired);
  EXPECT_EQ(story.told[0].starts_at, began);
  EXPECT_EQ(story.told[0].observed_at, began + kWidth);
  const Timestamp ended = story.start;
  story.pass(kCalm, 3);
  ASSERT_EQ(story.told.size(), 2U);
  EXPECT_EQ(story.told[1].kind, Transition::Kind::resolved);
  EXPECT_EQ(story.told[1].ends_at, ended);
  EXPECT_EQ(story.told[1].id, story.told[0].id);
}

TEST(AlertLifecycle, NeedsBothSurpriseAndEffect) {
  Story story;
  story.pass(verdict_of(40, 0.05), 5);
  story.pass(verdict_of(10, 0.9), 5);
  EXPECT_TRUE(story.told.empty());
}

TEST(AlertLifecycle, WaitsForTheWindowsAskedFor) {
  Story story;
  story.rule.for_windows = 3;
  story.pass(kBad, 2);
  story.pass(kCalm);
  story.pass(kBad, 2);
  EXPECT_TRUE(story.told.empty());
  story.pass(kBad);
  EXPECT_EQ(story.told.size(), 1U);
}

TEST(AlertLifecycle, DoesNotEndWhileItHoversBelowTheLimit) {
  Story story;
  story.pass(kBad);
  story.pass(verdict_of(15, 0.4), 20);
  EXPECT_EQ(story.told.size(), 1U);
  EXPECT_TRUE(story.alert.is_firing());
}

TEST(AlertLifecycle, FlappingReopensTheSameAlertAndAsksForLongerCalm) {
  Story story;
  story.pass(kBad);
  story.pass(kCalm, 3);
  story.pass(kBad);
  ASSERT_EQ(story.told.size(), 3U);
  EXPECT_TRUE(story.told[2].is_reopened);
  EXPECT_EQ(story.told[2].id, story.told[0].id);
  story.pass(kCalm, 5);
  EXPECT_EQ(story.told.size(), 3U);
  story.pass(kCalm);
  EXPECT_EQ(story.told.size(), 4U);
}

TEST(AlertLifecycle, ALaterIncidentIsAnotherAlert) {
  Story story;
  story.pass(kBad);
  story.pass(kCalm, 60);
  story.pass(kBad);
  ASSERT_EQ(story.told.size(), 3U);
  EXPECT_FALSE(story.told[2].is_reopened);
  EXPECT_NE(story.told[2].id, story.told[0].id);
}

TEST(AlertLifecycle, StaysWhenItCannotBeJudgedAndSaysWhenDataStoppedForGood) {
  Story story;
  story.rule.resolve_missing_after = 4;
  story.pass(kBad);
  story.pass(kCalm, 3, true);
  EXPECT_EQ(story.told.size(), 1U);
  story.pass(Verdict{});
  ASSERT_EQ(story.told.size(), 2U);
  EXPECT_TRUE(story.told[1].is_without_data);
}

TEST(AlertLifecycle, SaysWhenItGetsWorseEnoughToPage) {
  Story story;
  story.pass(verdict_of(25, 0.5));
  EXPECT_EQ(story.told.at(0).severity, Severity::ticket);
  story.pass(verdict_of(60, 3.0), 5);
  ASSERT_EQ(story.told.size(), 2U);
  EXPECT_EQ(story.told[1].kind, Transition::Kind::escalated);
  EXPECT_EQ(story.told[1].severity, Severity::page);
}

TEST(AlertLifecycle, SafetyPagesAtOnce) {
  Story story;
  story.rule.severity.stakes = Stakes::safety;
  story.pass(verdict_of(21, 0.2));
  EXPECT_EQ(story.told.at(0).severity, Severity::page);
}

TEST(AlertLifecycle, RestoredAfterAnyWindowItTellsTheSameStory) {
  const std::vector<Verdict> windows{kCalm, kBad,  kBad,      kCalm, kCalm, kCalm, kBad, verdict_of(90, 4),
                                     kCalm, kCalm, Verdict{}, kCalm, kCalm, kCalm, kCalm};
  Story straight;
  for (const auto& verdict : windows) straight.pass(verdict);
  ASSERT_GE(straight.told.size(), 4U);
  Story restored;
  for (const auto& verdict : windows) {
    restored.pass(verdict);
    ByteWriter saved;
    restored.alert.save(saved);
    restored.alert = AlertLifecycle();
    ByteReader in(saved.bytes());
    ASSERT_TRUE(restored.alert.load(in).ok());
  }
  ASSERT_EQ(restored.told.size(), straight.told.size());
  for (size_t i = 0; i < straight.told.size(); ++i) {
    EXPECT_EQ(restored.told[i].id, straight.told[i].id);
    EXPECT_EQ(restored.told[i].kind, straight.told[i].kind);
    EXPECT_EQ(restored.told[i].observed_at, straight.told[i].observed_at);
  }
}

TEST(AlertLifecycle, CutStateIsAnErrorAndLeavesAFreshLifecycle) {
  Story story;
  story.pass(kBad);
  ByteWriter saved;
  story.alert.save(saved);
  for (size_t size = 0; size < saved.bytes().size(); ++size) {
    AlertLifecycle again;
    ByteReader in(std::string_view(saved.bytes()).substr(0, size));
    EXPECT_FALSE(again.load(in).ok()) << size;
    EXPECT_TRUE(again.is_idle());
  }
}

TEST(AlertLifecycle, WithoutItsRuleAFiringAlertIsResolvedOnce) {
  Story story;
  story.pass(kBad, 10);
  const auto id = story.alert.id(story.rule, "service=shop");
  const auto ended = story.alert.retire(story.rule.name, "service=shop", Timestamp(2h));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->kind, Transition::Kind::resolved);
  EXPECT_TRUE(ended->is_rule_gone);
  EXPECT_EQ(ended->id, id);
  EXPECT_EQ(ended->observed_at, Timestamp(2h));
  EXPECT_LE(ended->ends_at, ended->observed_at);
  EXPECT_FALSE(story.alert.retire(story.rule.name, "service=shop", Timestamp(2h)).has_value());
  EXPECT_TRUE(story.alert.is_idle());
}

TEST(AlertIds, DifferByRuleEntityAndStart) {
  const auto id = alert_id("refusals", "service=shop", Timestamp(1h));
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, alert_id("refusals", "service=shop", Timestamp(1h)));
  EXPECT_NE(id, alert_id("refusals", "service=shop", Timestamp(2h)));
  EXPECT_NE(id, alert_id("latency", "service=shop", Timestamp(1h)));
  EXPECT_NE(id, alert_id("refusals", "service=bank", Timestamp(1h)));
}

TEST(FalseAlarmBudget, OneAWeekByHundredSeriesOfFiveMinutesIsSeventeenAndAHalfBits) {
  // log2(100 series × 2016 windows a week) = 17.62
  EXPECT_NEAR(threshold_bits({.per_week = 1, .per_series = 100}, 5min), 17.62, 0.01);
}

}  // namespace
}  // namespace tidewatch
