#include <gtest/gtest.h>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// The least surprising verdict that fires is counted; so are the windows that were played.
struct Alarms {
  size_t windows = 0;
  double most = 0;
  void note(const Verdict& verdict) {
    if (verdict.judgement != Judgement::scored) return;
    windows += verdict.surprise >= kAlertBits ? 1 : 0;
    most = std::max(most, verdict.surprise);
  }
};

Observation none() { return nothing(MeasureKind::sum); }

/// Windows of silence until the alarm; `limit` when there is none.
size_t silent_windows_until_alarm(Playback& run, size_t limit) {
  for (size_t i = 1; i <= limit; ++i)
    if (run.pass(none()).surprise >= kAlertBits) return i;
  return limit;
}

TEST(Gap, BusyTrafficThatStopsIsFoundInOneWindowAndSilencesQuality) {
  Playback run({}, "gap");
  Traffic traffic(1);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.count_window(400, 0.1));
  const Verdict verdict = run.look(none());
  EXPECT_EQ(verdict.judgement, Judgement::scored);
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_TRUE(verdict.suppresses_quality);
  EXPECT_EQ(verdict.direction, Direction::down);
  EXPECT_EQ(verdict.value, 0);
  EXPECT_NEAR(verdict.expected, 400, 20);
  EXPECT_NEAR(verdict.effect, -1, 1e-9);
  EXPECT_EQ(run.look(none(), Direction::up).surprise, 0);
}

TEST(Gap, ATenthOfTheTrafficIsStarvedAndTheUsualIsNot) {
  Playback run({}, "gap");
  Traffic traffic(2);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.count_window(400, 0.1));
  EXPECT_TRUE(run.look(count(40)).suppresses_quality);
  EXPECT_FALSE(run.look(count(380)).suppresses_quality);
  EXPECT_LT(run.look(count(4000)).surprise, 1) << "too much is no gap";
}

TEST(Gap, SmallTrafficIsFoundByItsRunOfEmptyWindows) {
  Playback run({}, "gap");
  Traffic traffic(3);
  Alarms before;
  for (size_t i = 0; i < 14 * kDay; ++i) before.note(run.pass(traffic.count_window(2, 0.1)));
  EXPECT_EQ(before.windows, 0U);
  EXPECT_LT(run.look(none()).surprise, 4);
  const size_t found = silent_windows_until_alarm(run, kDay);
  EXPECT_GE(found, 8U);
  EXPECT_LE(found, 48U);  // four hours; so few windows tell little of how hours differ, and no more is claimed
  const Verdict verdict = run.look(none());
  EXPECT_GE(verdict.since_windows + 1U, found);
}

TEST(Gap, AnEntityWithARequestInTenWindowsNeverAlarmsInEightWeeks) {
  Playback run({}, "gap");
  Traffic traffic(4);
  Alarms alarms;
  for (size_t i = 0; i < 56 * kDay; ++i) alarms.note(run.pass(traffic.count_window(0.1, 0.1)));
  EXPECT_EQ(alarms.windows, 0U);
  EXPECT_LT(alarms.most, 14);
}

TEST(Gap, ClusteredRequestsOfAFewUsersDoNotAlarm) {
  Playback run({}, "gap");
  Traffic traffic(5);
  Alarms alarms;
  size_t left = 0;
  for (size_t i = 0; i < 28 * kDay; ++i) {
    if (left == 0 && traffic.uniform() < 0.01) left = 4;  // a session of 20 minutes, twice or three times a day
    alarms.note(run.pass(left > 0 ? traffic.count_window(8, 0.3) : none()));
    left -= left > 0 ? 1 : 0;
  }
  EXPECT_EQ(alarms.windows, 0U);
}

TEST(Gap, NightsAndWeekendsWithoutTrafficAreLearnt) {
  Playback run({}, "gap");
  Traffic traffic(6);
  const auto is_open = [](size_t i) { return i / kDay % 7 < 5 && i % kDay >= 7 * 12 && i % kDay < 20 * 12; };
  Alarms later;
  for (size_t i = 0; i < 49 * kDay; ++i) {
    const Verdict verdict = run.pass(is_open(i) ? traffic.count_window(200 * daily(i, 0.5), 0.1) : none());
    if (i >= 28 * kDay) later.note(verdict);
  }
  EXPECT_EQ(later.windows, 0U);
  run.index = 50 * kDay + 12 * 12;  // Tuesday noon
  EXPECT_LE(silent_windows_until_alarm(run, 12), 2U);
}

TEST(Gap, ADeadEntityAlertsForDaysAndThenIsNormal) {
  Playback run({}, "gap");
  Traffic traffic(7);
  for (size_t i = 0; i < 14 * kDay; ++i) run.pass(traffic.count_window(50, 0.1));
  Alarms first_days;
  Alarms later;
  for (size_t i = 0; i < 21 * kDay; ++i) (i < 3 * kDay ? first_days : later).note(run.pass(none()));
  EXPECT_GE(first_days.windows, kDay);
  EXPECT_EQ(later.windows, 0U);
}

TEST(Gap, NothingIsMissingBeforeTheEntityBegins) {
  Playback run({}, "gap");
  for (size_t i = 0; i < kDay; ++i) EXPECT_EQ(run.pass(none()).judgement, Judgement::missing);
}

TEST(Gap, AnyMeasureIsWatchedByItsVolume) {
  Playback run({}, "gap");
  Traffic traffic(8);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.value_window(1.2, 400, 1.0, 0.1));
  EXPECT_GT(run.look(nothing(MeasureKind::distribution)).surprise, kAlertBits);
  EXPECT_GT(run.look(mean(1.2, 0.5, 8)).surprise, kAlertBits);
  EXPECT_LT(run.look(mean(12, 0.5, 390)).surprise, 5);
}

}  // namespace
}  // namespace tidewatch::testing
