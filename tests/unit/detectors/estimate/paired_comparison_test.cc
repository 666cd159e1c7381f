#include "detectors/estimate/paired_comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/sample_share.h"

namespace tidewatch {
namespace {

TEST(CompareRates, GivesTheNumbersOfFagerlandLydersenAndLaake) {
  // BMC Med. Res. Methodol. 13:91, table 2: airway hyper-responsiveness before and after stem cell transplantation;
  // mid-p 0.039, exact 0.070.
  const auto compared = compare_rates({.both = 1, .only_first = 1, .only_second = 7, .neither = 12});
  ASSERT_TRUE(compared.ok());
  EXPECT_NEAR(compared->p_value, 0.0391, 0.0001);
  EXPECT_DOUBLE_EQ(compared->difference, 6.0 / 21);
  EXPECT_DOUBLE_EQ(compared->first, 2.0 / 21);
  EXPECT_DOUBLE_EQ(compared->second, 8.0 / 21);
  EXPECT_GT(compared->interval.low, 0);
}

TEST(CompareRates, WithoutDiscordantItemsNothingIsFoundAndLittleIsRuledOut) {
  const auto compared = compare_rates({.both = 40, .only_first = 0, .only_second = 0, .neither = 2});
  ASSERT_TRUE(compared.ok());
  EXPECT_EQ(compared->p_value, 1);
  EXPECT_EQ(compared->difference, 0);
  EXPECT_LT(compared->interval.low, -0.04);
  EXPECT_GT(compared->interval.high, 0.04);
  EXPECT_FALSE(compare_rates({}).ok());
}

TEST(CompareRates, SwappingTheRunsTurnsTheSign) {
  const auto there = compare_rates({.both = 50, .only_first = 3, .only_second = 9, .neither = 20});
  const auto back = compare_rates({.both = 50, .only_first = 9, .only_second = 3, .neither = 20});
  EXPECT_DOUBLE_EQ(there->difference, -back->difference);
  EXPECT_DOUBLE_EQ(there->interval.low, -back->interval.high);
  EXPECT_DOUBLE_EQ(there->p_value, back->p_value);
}

struct Rates {
  double passes_first;  ///< of an item, in the first run
  double breaks;        ///< of those that passed, fail in the second
  double mends;         ///< of those that failed, pass in the second
  double difference() const { return (1 - passes_first) * mends - passes_first * breaks; }
};

PairedOutcomes drawn(const Rates& rates, int items, std::mt19937_64& random) {
  std::uniform_real_distribution<double> chance(0, 1);
  PairedOutcomes out;
  for (int i = 0; i < items; ++i) {
    if (chance(random) < rates.passes_first)
      ++(chance(random) < rates.breaks ? out.only_first : out.both);
    else
      ++(chance(random) < rates.mends ? out.only_second : out.neither);
  }
  return out;
}

TEST(CompareRates, IntervalsHoldAndChanceIsCalledChance) {
  std::mt19937_64 random(3);
  const auto runs = static_cast<int>(sampled(4'000, 100));
  for (const Rates& rates : {Rates{0.9, 0.05, 0.45}, Rates{0.9, 0.02, 0.1}, Rates{0.6, 0.2, 0.2}}) {
    for (const int items : {40, 200}) {
      int held = 0;
      int called = 0;
      for (int run = 0; run < runs; ++run) {
        const auto compared = compare_rates(drawn(rates, items, random));
        held += compared->interval.low <= rates.difference() && rates.difference() <= compared->interval.high ? 1 : 0;
        called += compared->p_value < 0.05 ? 1 : 0;
      }
      if (!is_full_sample()) continue;
      EXPECT_GT(static_cast<double>(held) / runs, 0.94) << items << " items, " << rates.difference();
      if (std::abs(rates.difference()) < 1e-9) {
        EXPECT_LT(static_cast<double>(called) / runs, 0.055) << "no difference, " << items << " items";
      }
    }
  }
}

TEST(CompareRates, WhatIsDetectableIsFoundInFourOfFiveTimes) {
  std::mt19937_64 random(4);
  const auto runs = static_cast<int>(sampled(4'000, 100));
  constexpr int kItems = 300;
  // A twentieth of the items flip either way; the difference comes on top in one direction.
  const auto expected = compare_rates({.both = 240, .only_first = 14, .only_second = 14, .neither = 32});
  ASSERT_TRUE(expected.ok());
  const double wanted = expected->detectable;
  const Rates rates{0.85, (0.1 + wanted) / 2 / 0.85, (0.1 - wanted) / 2 / 0.15};
  ASSERT_NEAR(rates.difference(), -wanted, 1e-9);
  int found = 0;
  for (int run = 0; run < runs; ++run) found += compare_rates(drawn(rates, kItems, random))->p_value < 0.05 ? 1 : 0;
  if (!is_full_sample()) return;
  EXPECT_NEAR(static_cast<double>(found) / runs, 0.8, 0.05);
}

TEST(CompareScores, IsStudentsTOfTheDifferences) {
  const std::vector<double> first = {3, 4, 5, 2, 4};
  const std::vector<double> second = {4, 4, 6, 4, 5};
  // Differences 1 0 1 2 1: mean 1, standard deviation 0.7071, t = 3.1623 with 4 degrees of freedom.
  const auto compared = compare_scores(first, second);
  ASSERT_TRUE(compared.ok());
  EXPECT_DOUBLE_EQ(compared->difference, 1);
  EXPECT_NEAR(compared->p_value, 0.0341, 0.0001);
  EXPECT_NEAR(compared->interval.low, 1 - 2.7764 * 0.31623, 1e-3);
  EXPECT_NEAR(compared->detectable, (2.7764 + 0.9410) * 0.31623, 1e-3);
}

TEST(CompareScores, RefusesWhatCannotBePaired) {
  const std::vector<double> two = {1, 2};
  const std::vector<double> three = {1, 2, 3};
  const std::vector<double> broken = {1, std::nan("")};
  EXPECT_FALSE(compare_scores(two, three).ok());
  EXPECT_FALSE(compare_scores(std::span(two).first(1), std::span(two).first(1)).ok());
  EXPECT_FALSE(compare_scores(two, broken).ok());
  const auto same = compare_scores(two, two);
  EXPECT_EQ(same->p_value, 1);
  EXPECT_EQ(same->detectable, 0);
}

}  // namespace
}  // namespace tidewatch
