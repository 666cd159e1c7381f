#include "detectors/detect/drift.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "detectors/sketch/aggregate.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

using Shares = std::array<double, 4>;
constexpr Shares kUsual{0.8, 0.1, 0.07, 0.03};

struct Compositions {
  Playback run{{}, "drift"};
  Traffic traffic;

  explicit Compositions(uint64_t seed) : traffic(seed) {}
  Verdict hours(double count, const Shares& shares, double n = 40, double spread = 0.05) {
    Verdict last;
    for (double i = 0; i < 12 * count; ++i) last = run.pass(traffic.composition_window(shares, n, spread));
    return last;
  }
};

TEST(Drift, ACategoryThatTriplesIsFoundWithinTwoHoursAndNamed) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Compositions of(seed);
    EXPECT_LT(of.hours(7 * 24, kUsual).surprise, kAlertBits);
    const Verdict verdict = of.hours(2, {0.65, 0.1, 0.07, 0.18});
    EXPECT_GE(verdict.surprise, kAlertBits) << seed;
    EXPECT_EQ(verdict.direction, Direction::up);
    EXPECT_NEAR(verdict.value, 0.15, 0.06) << "the share that moved";
    EXPECT_LT(verdict.expected, 0.06);
    ASSERT_FALSE(verdict.categories.empty());
    EXPECT_EQ(verdict.categories[0].name, "d");
    EXPECT_NEAR(verdict.categories[0].expected, 0.03, 0.02);
    EXPECT_NEAR(verdict.categories[0].share, 0.18, 0.06);
  }
}

TEST(Drift, ACategoryNeverSeenBeforeIsFound) {
  Compositions of(1);
  of.hours(5 * 24, {0.8, 0.2, 0, 0});
  const Verdict verdict = of.hours(1.1, {0.74, 0.18, 0, 0.08});
  EXPECT_GE(verdict.surprise, kAlertBits);
  ASSERT_FALSE(verdict.categories.empty());
  EXPECT_EQ(verdict.categories[0].name, "d");
  EXPECT_EQ(verdict.categories[0].expected, 0);
}

TEST(Drift, MoreTrafficOfTheSameKindIsNoDrift) {
  double most = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Compositions of(seed);
    of.hours(7 * 24, kUsual, 40, 0.2);
    for (int hour = 0; hour < 12; ++hour) most = std::max(most, of.hours(1, kUsual, 120, 0.2).surprise);
  }
  EXPECT_LT(most, kAlertBits) << "120 hours: 7 bits by chance";
}

TEST(Drift, FewObservationsAreNotJudged) {
  Compositions of(2);
  of.hours(5 * 24, kUsual);
  const double before = of.run.look(of.traffic.composition_window(kUsual, 40, 0)).surprise;
  EXPECT_EQ(of.hours(2, {0, 0, 0, 1}, 3).surprise, before)
      << "36 an hour, where 100 are needed: the last verdict stays";
}

TEST(Drift, WhatStaysIsNormalAfterItsTime) {
  Compositions of(3);
  of.hours(7 * 24, kUsual);
  const Shares other{0.5, 0.1, 0.07, 0.33};
  EXPECT_GE(of.hours(24, other).surprise, kAlertBits);
  of.hours(36, other);
  EXPECT_LT(of.hours(6, other).surprise, kAlertBits);
}

/// Answers of windows of 40: a share of them about as long as ever, the others four times as long or a quarter.
struct Lengths {
  Playback run{{}, "drift"};
  Traffic traffic{7};

  Verdict hours(int count, double odd_share) {
    Verdict last;
    for (int window = 0; window < 12 * count; ++window) {
      Aggregate lengths(MeasureKind::distribution);
      for (int i = 0; i < 40; ++i) {
        const double odd = traffic.uniform() < odd_share ? (traffic.uniform() < 0.5 ? 4 : 0.25) : 1;
        lengths.add_value(400 * odd * std::exp(0.4 * traffic.normal()));
      }
      const CategoryCounts classes = lengths.classes({});
      Observation seen = lengths.observe(Statistic::p50);
      seen.categories = &classes;
      last = run.pass(seen);
    }
    return last;
  }
};

TEST(Drift, ADistributionThatGrowsTailsOnBothSidesIsFoundAndItsClassesNamed) {
  Lengths of;
  EXPECT_LT(of.hours(7 * 24, 0.02).surprise, kAlertBits);
  const Verdict verdict = of.hours(2, 0.2);
  EXPECT_GE(verdict.surprise, kAlertBits);
  EXPECT_NEAR(verdict.value, 0.18, 0.08) << "the share that moved";
  ASSERT_FALSE(verdict.categories.empty());
  EXPECT_THAT(verdict.categories[0].name, ::testing::HasSubstr(" to "));
}

TEST(Drift, ADistributionThatStaysIsNoDrift) {
  Lengths of;
  of.hours(3 * 24, 0.1);
  double most = 0;
  for (int hour = 0; hour < 7 * 24; ++hour) most = std::max(most, of.hours(1, 0.1).surprise);
  EXPECT_LT(most, kAlertBits) << "168 hours: 7 bits by chance";
}

TEST(Drift, APlainNumberIsOneValueOfItsClass) {
  Playback run({{"period", "1d"}, {"warm_up", "4"}}, "drift");
  Traffic traffic(3);
  const auto day = [&](double level) {
    Verdict last;
    for (size_t i = 0; i < kDay; ++i) last = run.pass(mean(level * std::exp(0.3 * traffic.normal()), 0, 1));
    return last;
  };
  for (int i = 0; i < 10; ++i) day(100);
  EXPECT_LT(day(100).surprise, kAlertBits);
  day(160);
  EXPECT_GE(day(160).surprise, kAlertBits);
}

TEST(Drift, OtherKindsOfMeasureAreNotJudged) {
  Playback run({}, "drift");
  EXPECT_EQ(run.pass(rate(3, 100)).judgement, Judgement::missing);
  EXPECT_EQ(run.pass({.kind = MeasureKind::composition, .value = 1, .n = 5}).judgement, Judgement::missing);
}

TEST(Composition, IdenticalSharesHaveNoDistanceAndOppositeOnesAll) {
  CategoryCounts a;
  a.add("x", 700);
  a.add("y", 300);
  CategoryCounts b;
  b.add("x", 70);
  b.add("y", 30);
  EXPECT_NEAR(compare_compositions(a, b).moved, 0, 1e-12);
  EXPECT_NEAR(compare_compositions(a, b).chi_squared, 0, 1e-9);
  CategoryCounts c;
  c.add("z", 100);
  EXPECT_NEAR(compare_compositions(a, c).moved, 1, 1e-12);
  EXPECT_EQ(compare_compositions(a, {}).degrees_of_freedom, 0);
}

TEST(Composition, IsTheLikelihoodRatioOfHomogeneity) {
  // 2 by 2 by hand: twice the sum of observed ln(observed / expected).
  CategoryCounts a;
  a.add("x", 700);
  a.add("y", 300);
  CategoryCounts b;
  b.add("x", 60);
  b.add("y", 40);
  const CompositionTest test = compare_compositions(a, b);
  EXPECT_NEAR(test.chi_squared, 4.086033, 1e-5);
  EXPECT_EQ(test.degrees_of_freedom, 1);
  EXPECT_NEAR(test.moved, 0.1, 1e-12);
}

}  // namespace
}  // namespace tidewatch::testing
