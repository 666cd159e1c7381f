#include "detectors/sketch/weighted_trials.h"

#include <gtest/gtest.h>

#include "detectors/sketch/serialized.h"

namespace tidewatch {
namespace {

WeightedTrials trials(int successes, double success_weight, int failures, double failure_weight) {
  WeightedTrials out;
  for (int i = 0; i < successes; ++i) out.add(true, success_weight);
  for (int i = 0; i < failures; ++i) out.add(false, failure_weight);
  return out;
}

TEST(WeightedTrials, OfEqualWeightsAreAsManyAsThereAre) {
  EXPECT_DOUBLE_EQ(trials(3, 1, 17, 1).effective_size(), 20);
  EXPECT_NEAR(trials(3, 50, 17, 50).effective_size(), 20, 1e-9);
  EXPECT_NEAR(trials(0, 50, 20, 50).effective_size(), 20, 1e-9);
  EXPECT_NEAR(trials(20, 8, 0, 1).effective_size(), 20, 1e-9);
  EXPECT_DOUBLE_EQ(trials(3, 50, 17, 50).rate(), 0.15);
}

TEST(WeightedTrials, SoughtOutSuccessesTellMoreThanKishSays) {
  // 500 failures of weight 20 stand for 10,000; 100 successes were all looked at.
  const WeightedTrials sought = trials(100, 1, 500, 20);
  const double kish = 10'100.0 * 10'100 / (100 + 500 * 400);
  EXPECT_NEAR(kish, 510, 1);
  EXPECT_GT(sought.effective_size(), 2 * kish);
  // But no more than the failures that were looked at bear out, were there a few more successes of their weight.
  EXPECT_LT(sought.effective_size(), 10'100);
}

TEST(WeightedTrials, SuccessesOfLargeWeightTellLess) {
  const WeightedTrials rare = trials(5, 100, 2'000, 1);
  const double kish = 2'500.0 * 2'500 / (5 * 10'000 + 2'000);
  EXPECT_LT(rare.effective_size(), kish);
  EXPECT_GT(rare.effective_size(), 5);
}

TEST(WeightedTrials, ARareOutcomeAmongLargeWeightsIsNotTakenForKnown) {
  // None of 1,000 trials of weight 50 succeeded, ten that were sought out did: another 150 of 50,000 may well have.
  const double effective = trials(10, 1, 1'000, 50).effective_size();
  EXPECT_GT(effective, 900);
  EXPECT_LT(effective, 1'500);
}

TEST(WeightedTrials, WhatIsWithdrawnIsGone) {
  WeightedTrials sum = trials(2, 4, 3, 7);
  sum.add(true, -4);
  sum.add(false, -7);
  EXPECT_NEAR(sum.effective_size(), trials(1, 4, 2, 7).effective_size(), 1e-12);
  for (int i = 0; i < 1; ++i) sum.add(true, -4);
  for (int i = 0; i < 2; ++i) sum.add(false, -7);
  EXPECT_TRUE(sum.empty());
  EXPECT_EQ(sum.effective_size(), 0);
}

TEST(WeightedTrials, AreReadAsTheyWereWritten) {
  for (const auto& sum : {trials(3, 1, 17, 1), trials(3, 2.5, 17, 40)}) {
    ByteWriter out;
    sum.serialize(out);
    const std::string bytes = std::move(out).bytes();
    ByteReader in(bytes);
    const WeightedTrials back = WeightedTrials::deserialize(in, sum.is_weighted(), true);
    EXPECT_TRUE(in.ok() && in.at_end());
    EXPECT_DOUBLE_EQ(back.effective_size(), sum.effective_size());
    EXPECT_DOUBLE_EQ(back.rate(), sum.rate());
  }
}

}  // namespace
}  // namespace tidewatch
