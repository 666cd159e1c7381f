#include <gtest/gtest.h>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

Playback after_refusals_of_two_percent(double requests) {
  Playback run;
  Traffic traffic(1);
  for (size_t i = 0; i < 2 * kDay; ++i) run.pass(traffic.rate_window(0.02, requests, 0.1));
  return run;
}

TEST(Point, OneRefusalOfThreeRequestsIsNoAlarm) {
  const Playback run = after_refusals_of_two_percent(300);
  const Verdict verdict = run.look(rate(1, 3));
  EXPECT_EQ(verdict.judgement, Judgement::scored);
  EXPECT_LT(verdict.surprise, 6);  // about 1 in 17 by chance
  EXPECT_GT(verdict.effect, 10);   // although the rate is 16 times as high
}

TEST(Point, TwoPercentThatBecomeTwelveAreAnAlarm) {
  const Playback run = after_refusals_of_two_percent(300);
  const Verdict verdict = run.look(rate(36, 300));
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.direction, Direction::up);
  EXPECT_NEAR(verdict.expected, 0.02, 0.004);
  EXPECT_NEAR(verdict.effect, 5, 1);
  EXPECT_LT(verdict.expected_high, 0.06);
  EXPECT_GT(verdict.expected_high, 0.03);
}

TEST(Point, TheSideThatWasNotAskedForHasNoSurprise) {
  const Playback run = after_refusals_of_two_percent(300);
  EXPECT_GT(run.look(rate(36, 300), Direction::up).surprise, kAlertBits);
  EXPECT_LT(run.look(rate(36, 300), Direction::down).surprise, 0.1);
}

TEST(Point, LatencyHalfAsHighAgainIsAnAlarmWhenItsHistoryIsTight) {
  Playback run;
  Traffic traffic(2);
  for (size_t i = 0; i < 2 * kDay; ++i) run.pass(traffic.value_window(1.2, 400, 1.5, 0.03));
  const Verdict verdict = run.look(mean(1.8, 0.12, 400));
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_NEAR(verdict.effect, 0.5, 0.1);
}

TEST(Point, TheSameLatencyFromFiveRequestsIsNoAlarm) {
  Playback run;
  Traffic traffic(2);
  for (size_t i = 0; i < 2 * kDay; ++i) run.pass(traffic.value_window(1.2, 400, 1.5, 0.03));
  EXPECT_LT(run.look(mean(1.8, 1.2, 5)).surprise, 3);
}

TEST(Point, TheFirstWindowsNeverAlert) {
  Playback run;
  Traffic traffic(3);
  for (size_t i = 0; i < 36; ++i) {
    EXPECT_EQ(run.look(rate(150, 300)).judgement, Judgement::warming_up);
    run.pass(traffic.rate_window(0.02, 300, 0.1));
  }
  EXPECT_EQ(run.look(rate(150, 300)).judgement, Judgement::scored);
}

TEST(Point, TheUsualNightIsNoAlarmAfterTwoWeeks) {
  Playback run(DetectorSettings{{"half_life", "864"}});
  Traffic traffic(4);
  size_t i = 0;
  for (; i < 14 * kDay; ++i) run.pass(traffic.count_window(400 * daily(i, 1), 0.08));
  double most = 0;
  for (; i < 15 * kDay; ++i) most = std::max(most, run.pass(traffic.count_window(400 * daily(i, 1), 0.08)).surprise);
  EXPECT_LT(most, 14);  // the largest of 288 null windows is near 8 bits
  run.index = 15 * kDay + 16 * 12;
  EXPECT_GT(run.look(count(400 * daily(4 * 12, 1))).surprise, kAlertBits)
      << "the night's traffic at four in the afternoon";
}

TEST(Point, AnIncidentOfHoursIsNotSwallowed) {
  Playback run;
  Traffic traffic(5);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.rate_window(0.02, 300, 0.1));
  Verdict last;
  for (size_t i = 0; i < 72; ++i) last = run.pass(traffic.rate_window(0.15, 300, 0.1));
  EXPECT_GT(last.surprise, kAlertBits);
  EXPECT_LT(last.expected, 0.03);
}

TEST(Point, AChangeThatStaysIsNormalAfterADay) {
  Playback run;
  Traffic traffic(6);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.rate_window(0.02, 300, 0.1));
  for (size_t i = 0; i < kDay; ++i) run.pass(traffic.rate_window(0.15, 300, 0.1));
  const Verdict verdict = run.look(rate(45, 300));
  EXPECT_LT(verdict.surprise, 5);
  EXPECT_NEAR(verdict.expected, 0.15, 0.03);
}

TEST(Point, AConfirmedNewLevelIsTakenAtOnce) {
  Playback run;
  Traffic traffic(7);
  for (size_t i = 0; i < 3 * kDay; ++i) run.pass(traffic.rate_window(0.02, 300, 0.1));
  for (size_t i = 0; i < 6; ++i) run.pass(rate(45, 300));
  const Observation seen = rate(45, 300);
  run.detector->learn(window_at(run.index++, {&seen, 1}), {.confirmed_normal = true});
  EXPECT_LT(run.look(seen).surprise, 5);
}

/// Groundedness of few answers by window: mostly 0.8 to 1, one answer in thirty of none.
Observation groundedness(Traffic& traffic, double n) {
  double sum = 0;
  double squares = 0;
  for (double i = 0; i < n; ++i) {
    const double value = traffic.uniform() < 0.03 ? 0 : 0.8 + 0.2 * traffic.uniform();
    sum += value;
    squares += value * value;
  }
  const double value = sum / n;
  const double variance = n > 1 ? std::max(squares / n - value * value, 0.0) / (n - 1) : value * value;
  return {.kind = MeasureKind::distribution, .value = value, .variance = variance, .n = n, .domain = {0, 1}};
}

TEST(Point, OneAnswerBesideTheDocumentsIsNoAlarm) {
  Playback run;
  Traffic traffic(8);
  for (size_t i = 0; i < 7 * kDay; ++i) run.pass(groundedness(traffic, 1 + traffic.poisson(10)));
  Observation none = groundedness(traffic, 1);
  none.value = none.variance = 0;
  EXPECT_LT(run.look(none).surprise, 10) << "one in thirty is so";
  none.n = 40;
  none.variance = 1e-4;
  EXPECT_GT(run.look(none).surprise, kAlertBits) << "forty of forty are not";
}

TEST(Point, NothingIsExpectedOutsideOfTheDomain) {
  Playback bounded;
  Playback seconds;
  Traffic traffic(9);
  for (size_t i = 0; i < 2 * kDay; ++i) {
    bounded.pass(groundedness(traffic, 3));
    Observation latency = traffic.value_window(0.05, 4, 2, 0.5);
    latency.domain.low = 0;
    if (i % 50 == 0) latency.value = 0;  // no logarithm is left then
    seconds.pass(latency);
  }
  for (const double n : {1.0, 2.0, 50.0}) {
    Observation seen = groundedness(traffic, n);
    const Verdict share = bounded.look(seen);
    EXPECT_GE(share.expected_low, 0);
    EXPECT_LE(share.expected_high, 1);
    EXPECT_LT(share.expected_low, share.expected);
    seen = mean(0.05, 0.03, n);
    seen.domain.low = 0;
    EXPECT_GE(seconds.look(seen).expected_low, 0);
  }
}

}  // namespace
}  // namespace tidewatch::testing
