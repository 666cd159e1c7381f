#include <gtest/gtest.h>

#include <cmath>

#include "unit/detectors/baseline/learner.h"

namespace tidewatch::testing {
namespace {

/// A series of rates with a season, after two weeks.
Learner after_two_weeks(double p, uint64_t seed = 1) {
  Learner out;
  Traffic traffic(seed);
  while (out.index < 14 * kDay) out.pass(traffic.rate_window(p * daily(out.index, 0.5), 500, 0.1));
  return out;
}
Learner heir_of(const Learner& relative) {
  Learner out;
  out.index = relative.index;
  out.baseline.borrow(out.params, relative.baseline, relative.baseline.variance_between({}));
  return out;
}
double odds_between(double p, double q) { return std::abs(std::log(p / (1 - p)) - std::log(q / (1 - q))); }

TEST(BorrowedBaseline, ExpectsWhatTheRelativeDoesAndIsLessSure) {
  Learner relative = after_two_weeks(0.03);
  Learner heir = heir_of(relative);
  for (const size_t hour : {4U, 16U}) {
    relative.index = heir.index = 14 * kDay + 12 * hour;
    const auto known = relative.predict(rate(3, 100));
    const auto borrowed = heir.predict(rate(3, 100));
    EXPECT_NEAR(borrowed.expected / known.expected, 1, 0.15) << "at " << hour << " o'clock";
    EXPECT_GT(borrowed.level_variance, known.level_variance + 0.3 * 0.3) << "relatives differ";
    EXPECT_NEAR(borrowed.process_variance / known.process_variance, 1, 0.01);
  }
  EXPECT_TRUE(heir.baseline.warm(heir.params));
  EXPECT_FALSE(heir.baseline.has_own_past(heir.params));
}

TEST(BorrowedBaseline, OwnWindowsTakeOver) {
  const Learner relative = after_two_weeks(0.03);
  Learner heir = heir_of(relative);
  Traffic traffic(7);
  // Twice as many failures: 0.7 in the logarithm of the odds, two standard deviations of relatives.
  const auto distance = [&] {
    return odds_between(heir.predict(rate(3, 100)).expected, 0.06 * daily(heir.index, 0.5));
  };
  EXPECT_NEAR(distance(), 0.7, 0.15);
  const auto pass = [&](int windows) {
    for (int i = 0; i < windows; ++i) heir.pass(traffic.rate_window(0.06 * daily(heir.index, 0.5), 100, 0.1));
  };
  pass(3);
  EXPECT_LT(distance(), 0.45);
  pass(9);
  EXPECT_LT(distance(), 0.25);
  pass(24);
  EXPECT_FALSE(heir.baseline.borrowing(heir.params)) << "as many windows as others need";
  EXPECT_TRUE(heir.baseline.warm(heir.params));
  double furthest = 0;
  for (int i = 0; i < 288; ++i) {
    pass(1);
    furthest = std::max(furthest, distance());
  }
  EXPECT_LT(furthest, 0.3) << "at any hour of the next day";
}

TEST(BorrowedBaseline, IsIndependentOfTheRelativeLater) {
  Learner relative = after_two_weeks(0.03);
  const Learner heir = heir_of(relative);
  const double before = heir.predict(rate(3, 100)).expected;
  for (int i = 0; i < 500; ++i) relative.pass(rate(50, 100));
  EXPECT_EQ(heir.predict(rate(3, 100)).expected, before);
}

TEST(BorrowedBaseline, HowMuchRelativesDifferIsLearntFromThem) {
  const Learner whole = after_two_weeks(0.03, 1);
  const double usual = whole.baseline.variance_between({});
  EXPECT_NEAR(std::sqrt(usual), 0.35, 1e-9);
  const Learner alike[] = {after_two_weeks(0.03, 2), after_two_weeks(0.03, 3), after_two_weeks(0.03, 4)};
  const Learner unlike[] = {after_two_weeks(0.01, 2), after_two_weeks(0.03, 3), after_two_weeks(0.1, 4)};
  const auto between = [&](const auto& others) {
    std::vector<const Baseline*> all;
    for (const Learner& other : others) all.push_back(&other.baseline);
    return whole.baseline.variance_between(all);
  };
  EXPECT_NEAR(between(alike) / usual, 0.5, 0.05) << "three that are alike are worth as much as the guess";
  EXPECT_GT(between(unlike), 3 * usual);
}

TEST(BorrowedBaseline, WhatEarlierBuildsSavedIsRead) {
  const Learner learner = after_two_weeks(0.03);
  ByteWriter out;
  learner.baseline.save(out);
  std::string bytes = std::move(out).bytes();
  bytes[0] = 2;
  bytes.erase(3, 1);  // whether it was borrowed
  ByteReader in(bytes);
  Learner restored;
  ASSERT_TRUE(restored.baseline.load(in).ok());
  restored.index = learner.index;
  EXPECT_EQ(restored.predict(rate(3, 100)).expected, learner.predict(rate(3, 100)).expected);
  EXPECT_FALSE(restored.baseline.borrowing(restored.params));
}

}  // namespace
}  // namespace tidewatch::testing
