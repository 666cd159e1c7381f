#include <gtest/gtest.h>

#include <algorithm>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

const DetectorSettings kNoSeason{{"season", "false"}};

/// Mean latency whose windows vary by `spread` around `level`, of so many requests that sampling does not matter.
Observation latency(Traffic& traffic, double level, double spread) {
  return mean(level * std::exp(spread * traffic.normal()), 0.001 * level, 10000);
}

TEST(Shift, ASecondThatBecomesOneAndAHalfIsFoundWithinTheHour) {
  // Windows of 1 s ± 0.2 s: the change is two and a half standard deviations.
  Playback run({}, "shift");
  Traffic traffic(1);
  for (size_t i = 0; i < 14 * kDay; ++i) run.pass(mean(std::max(0.1, 1 + 0.2 * traffic.normal()), 0.005, 1000));
  size_t found = 0;
  Verdict verdict;
  while (found < 24 && verdict.surprise < kAlertBits) {
    verdict = run.pass(mean(1.5 + 0.2 * traffic.normal(), 0.005, 1000));
    ++found;
  }
  EXPECT_LE(found, 12U);
  EXPECT_EQ(verdict.direction, Direction::up);
  EXPECT_NEAR(verdict.value, 1.5, 0.15) << "the level since the change";
  EXPECT_NEAR(verdict.expected, 1, 0.08);
  EXPECT_NEAR(verdict.effect, 0.5, 0.2);
  EXPECT_LE(verdict.since_windows, found + 3);
}

TEST(Shift, OneStandardDeviationIsFoundInHoursWherePointSeesNothing) {
  std::vector<size_t> delays;
  size_t seen_by_point = 0;
  for (uint64_t seed = 1; seed <= 21; ++seed) {
    Playback run(kNoSeason, "shift");
    Playback point(kNoSeason);
    Traffic traffic(seed);
    for (size_t i = 0; i < 7 * kDay; ++i) {
      const Observation seen = latency(traffic, 1, 0.05);
      run.pass(seen);
      point.pass(seen);
    }
    size_t delay = 999;
    for (size_t i = 1; i <= 96 && delay == 999; ++i) {
      const Observation seen = latency(traffic, std::exp(0.05), 0.05);
      if (run.pass(seen).surprise >= kAlertBits) delay = i;
      if (i <= 30) seen_by_point += point.pass(seen).surprise >= kAlertBits ? 1 : 0;
    }
    delays.push_back(delay);
  }
  std::sort(delays.begin(), delays.end());
  EXPECT_LE(delays[10], 32U) << "median windows";
  EXPECT_EQ(seen_by_point, 0U);
  RecordProperty("median_windows", static_cast<int>(delays[10]));
}

TEST(Shift, SmallRatesShiftToo) {
  Playback run(kNoSeason, "shift");
  Traffic traffic(2);
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(traffic.rate_window(0.02, 200, 0.1));
  size_t found = 0;
  while (found < 96 && run.pass(traffic.rate_window(0.035, 200, 0.1)).surprise < kAlertBits) ++found;
  EXPECT_LT(found, 36U);
}

TEST(Shift, OneOutlierIsNoShift) {
  Playback run({}, "shift");
  Traffic traffic(3);
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(latency(traffic, 1, 0.05));
  EXPECT_LT(run.pass(mean(8, 0.01, 10000)).surprise, 10);
  double most = 0;
  for (size_t i = 0; i < 24; ++i) most = std::max(most, run.pass(latency(traffic, 1, 0.05)).surprise);
  EXPECT_LT(most, 12);
}

TEST(Shift, SerialCorrelationIsNoShift) {
  size_t alarms = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Playback run({}, "shift");
    Traffic traffic(seed);
    double state = 0;
    for (size_t i = 0; i < 28 * kDay; ++i) {
      state = 0.5 * state + std::sqrt(0.75) * traffic.normal();
      const Verdict verdict = run.pass(mean(std::exp(0.05 * state), 0.001, 10000));
      alarms += verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits ? 1 : 0;
    }
  }
  EXPECT_LE(alarms, 2U) << "of 80,640 windows; 0.4 by chance if they were independent";
}

TEST(Shift, WhenItIsOverItIsQuietWithinAnHour) {
  Playback run({}, "shift");
  Traffic traffic(4);
  for (size_t i = 0; i < 14 * kDay; ++i) run.pass(latency(traffic, 1, 0.05));
  Verdict last;
  for (size_t i = 0; i < 96; ++i) last = run.pass(latency(traffic, 1.25, 0.05));
  EXPECT_GT(last.surprise, 100);
  EXPECT_GT(last.since_windows, 90U);
  for (size_t i = 0; i < 12; ++i) last = run.pass(latency(traffic, 1, 0.05));
  EXPECT_LT(last.surprise, kAlertBits / 2);
}

TEST(Shift, AChangeThatStaysIsNormalAfterItsTime) {
  Playback run({{"adapt_after", "96"}, {"season", "false"}}, "shift");
  Traffic traffic(5);
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(latency(traffic, 1, 0.05));
  size_t alarms_at_first = 0;
  size_t alarms_later = 0;
  for (size_t i = 0; i < 4 * kDay; ++i)
    if (run.pass(latency(traffic, 1.1, 0.05)).surprise >= kAlertBits) ++(i < kDay ? alarms_at_first : alarms_later);
  EXPECT_GT(alarms_at_first, 48U);
  EXPECT_EQ(alarms_later, 0U);
}

TEST(Shift, WindowsWithoutDataNeitherAddNorTakeAway) {
  Playback run({}, "shift");
  Traffic traffic(6);
  for (size_t i = 0; i < 14 * kDay; ++i) run.pass(latency(traffic, 1, 0.05));
  for (size_t i = 0; i < 6; ++i) run.pass(latency(traffic, 1.15, 0.05));
  const Observation next = latency(traffic, 1.15, 0.05);
  const double before = run.look(next).surprise;
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(run.pass(nothing(MeasureKind::distribution)).judgement, Judgement::missing);
  EXPECT_NEAR(run.look(next).surprise, before, 1);
}

TEST(Shift, TheSideThatWasNotAskedForHasNoSurprise) {
  Playback run({}, "shift");
  Traffic traffic(7);
  for (size_t i = 0; i < 14 * kDay; ++i) run.pass(latency(traffic, 1, 0.05));
  for (size_t i = 0; i < 12; ++i) run.pass(latency(traffic, 1.25, 0.05));
  const Observation next = latency(traffic, 1.25, 0.05);
  EXPECT_GT(run.look(next, Direction::up).surprise, kAlertBits);
  EXPECT_EQ(run.look(next, Direction::down).surprise, 0);
}

}  // namespace
}  // namespace tidewatch::testing
