#include <gtest/gtest.h>

#include "detectors/detect/predictive.h"
#include "unit/detectors/baseline/learner.h"

namespace tidewatch::testing {
namespace {

/// An autoregression of first order with standard deviation 1.
struct Wandering {
  double persistence;
  Traffic traffic;
  double now = 0;
  double next() {
    now = persistence * now + std::sqrt(1 - persistence * persistence) * traffic.normal();
    return now;
  }
};

Observation value(double v) { return mean(v, 0, 1); }

/// Without season, which would take part of what lasts for its own hour in the few weeks of a test.
Learner without_season() {
  Learner out;
  out.params.season = false;
  return out;
}

/// Forecasts of the next window against those of any window.
struct Comparison {
  double squares_next = 0, squares_any = 0;  ///< of errors on the logarithm
  double width_next = 0, width_any = 0;
  double covered = 0, windows = 0;

  void take(const Learner& learner, const Observation& seen) {
    const Prediction any = learner.predict(seen);
    const Prediction next = learner.baseline.forecast(learner.params, seen, learner.slot());
    const double location = std::log(std::max(seen.value, 0.5));
    squares_any += std::pow(location - any.location, 2);
    squares_next += std::pow(location - next.location, 2);
    const Interval interval = predictive_interval(next, seen);
    const Interval interval_any = predictive_interval(any, seen);
    width_next += interval.high - interval.low;
    width_any += interval_any.high - interval_any.low;
    covered += interval.low <= seen.value && seen.value <= interval.high;
    windows += 1;
  }
  double error_ratio() const { return std::sqrt(squares_next / squares_any); }
  double width_ratio() const { return width_next / width_any; }
  double coverage() const { return covered / windows; }
};

TEST(Carry, TheNextWindowOfASeriesThatWandersIsKnownBetter) {
  Learner learner = without_season();
  Wandering wandering{0.9, Traffic(1)};
  Comparison comparison;
  while (learner.index < 20 * kDay) {
    const Observation seen = value(100 * std::exp(0.2 * wandering.next()));
    if (learner.index > 6 * kDay) comparison.take(learner, seen);
    learner.pass(seen);
  }
  // In theory sqrt(1 - 0.9²) = 0.44 of the error remains; 4000 windows know it to 2 %.
  EXPECT_NEAR(comparison.error_ratio(), 0.44, 0.05);
  EXPECT_NEAR(comparison.width_ratio(), 0.44, 0.06);
  EXPECT_NEAR(comparison.coverage(), 0.95, 0.02);
}

TEST(Carry, NoiseBesideWhatLastsIsNotFollowed) {
  Learner learner = without_season();
  Wandering wandering{0.97, Traffic(2)};
  Traffic noise(3);
  Comparison comparison;
  while (learner.index < 20 * kDay) {
    const Observation seen = value(100 * std::exp(0.15 * wandering.next() + 0.15 * noise.normal()));
    if (learner.index > 6 * kDay) comparison.take(learner, seen);
    learner.pass(seen);
  }
  // The steady state of the Kalman filter leaves 0.76 of the error; following the last value alone would leave 0.87.
  EXPECT_LT(comparison.error_ratio(), 0.82);
  EXPECT_NEAR(comparison.coverage(), 0.95, 0.02);
}

TEST(Carry, IndependentWindowsAreForecastAsAnyOther) {
  Learner values, counts;
  Traffic traffic(4);
  Comparison of_values, of_counts;
  while (values.index < 14 * kDay) {
    const Observation seen = value(100 * std::exp(0.2 * traffic.normal()));
    const Observation seen_count = count(traffic.poisson(3));
    if (values.index > 3 * kDay) of_values.take(values, seen), of_counts.take(counts, seen_count);
    values.pass(seen);
    counts.pass(seen_count);
  }
  for (const Comparison& comparison : {of_values, of_counts}) {
    EXPECT_LT(comparison.error_ratio(), 1.01);
    // The stretch that keeps the coverage errs by a twentieth.
    EXPECT_NEAR(comparison.width_ratio(), 1, 0.07);
  }
  EXPECT_NEAR(of_values.coverage(), 0.95, 0.02);
  EXPECT_GT(of_counts.coverage(), 0.94) << "of whole numbers an interval covers 95 % at least";
}

TEST(Carry, AnIncidentThatLastsIsForecastThoughItIsNotNormal) {
  Learner learner = without_season();
  Wandering wandering{0.9, Traffic(5)};
  while (learner.index < 7 * kDay) learner.pass(value(100 * std::exp(0.2 * wandering.next())));
  const Observation bad = value(500);
  for (int i = 0; i < 6; ++i) learner.pass(bad, {.weight = 0.01, .anomalous = true});
  EXPECT_GT(learner.baseline.forecast(learner.params, bad, learner.slot()).expected, 300);
  EXPECT_LT(learner.predict(bad).expected, 130);
}

TEST(Carry, ADayAheadNothingIsLeftOfIt) {
  Learner learner = without_season();
  Wandering wandering{0.9, Traffic(6)};
  while (learner.index < 7 * kDay) learner.pass(value(100 * std::exp(0.2 * wandering.next())));
  for (int i = 0; i < 12; ++i) learner.pass(value(150));
  const Prediction any = learner.predict(value(1));
  EXPECT_GT(learner.baseline.forecast(learner.params, value(1), learner.slot()).expected, 1.2 * any.expected);
  const Prediction ahead = learner.baseline.forecast(learner.params, value(1), learner.slot(), kDay);
  EXPECT_NEAR(ahead.expected / any.expected, 1, 0.001);
  const Prediction next = learner.baseline.forecast(learner.params, value(1), learner.slot());
  EXPECT_GT(ahead.total_variance(), 2 * next.total_variance()) << "what was known of it";
}

TEST(Carry, IsForgottenInSilenceAndVoidAtANewLevel) {
  Learner learner = without_season();
  Wandering wandering{0.9, Traffic(7)};
  while (learner.index < 7 * kDay) learner.pass(value(100 * std::exp(0.2 * wandering.next())));
  for (int i = 0; i < 12; ++i) learner.pass(value(150));
  Learner silent = learner;
  for (size_t i = 0; i < kDay; ++i) silent.pass(nothing(MeasureKind::distribution));
  const auto ratio = [](const Learner& of) {
    return of.baseline.forecast(of.params, value(1), of.slot()).expected / of.predict(value(1)).expected;
  };
  EXPECT_GT(ratio(learner), 1.2);
  EXPECT_NEAR(ratio(silent), 1, 0.001);
  EXPECT_TRUE(learner.pass(value(150), {.confirmed_normal = true}));
  EXPECT_NEAR(ratio(learner), 1, 0.001);
}

TEST(Carry, SurvivesARestart) {
  Learner learner;
  Wandering wandering{0.9, Traffic(8)};
  while (learner.index < 3 * kDay) learner.pass(value(100 * std::exp(0.2 * wandering.next())));
  ByteWriter out;
  learner.baseline.save(out);
  Baseline restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_EQ(restored.forecast(learner.params, value(1), learner.slot()).expected,
            learner.baseline.forecast(learner.params, value(1), learner.slot()).expected);
}

}  // namespace
}  // namespace tidewatch::testing
