#include "detectors/estimate/mix_shift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "sample_share.h"

namespace tidewatch {
namespace {

GroupMean rate(double count, double successes) {
  const double mean = count > 0 ? successes / count : 0;
  return {count, mean, count > 0 ? mean * (1 - mean) / count : 0};
}

TEST(MixShift, IsAllMixWhereNoGroupChanges) {
  // A quarter asks what fails one time in two, later half of them do.
  const std::vector<GroupChange> groups = {{rate(750, 75), rate(500, 50)}, {rate(250, 125), rate(500, 250)}};
  const MixShift shift = mix_shift(groups);
  EXPECT_NEAR(shift.total.value, 0.3 - 0.2, 1e-12);
  EXPECT_NEAR(shift.mix.value, 0.1, 1e-12);
  EXPECT_NEAR(shift.within.value, 0, 1e-12);
  EXPECT_GT(shift.parts[1].mix, 0) << "the worse group has grown";
  EXPECT_GT(shift.parts[0].mix, 0) << "the better one has shrunk";
}

TEST(MixShift, IsAllWithinWhereTheSharesStay) {
  const std::vector<GroupChange> groups = {{rate(750, 75), rate(1'500, 150)}, {rate(250, 25), rate(500, 150)}};
  const MixShift shift = mix_shift(groups);
  EXPECT_NEAR(shift.mix.value, 0, 1e-12);
  EXPECT_NEAR(shift.within.value, 0.25 * 0.2, 1e-12);
  EXPECT_NEAR(shift.parts[0].within, 0, 1e-12);
  EXPECT_NEAR(shift.parts[1].within, 0.05, 1e-12);
}

// Simpson: each group gets better, the whole gets worse.
TEST(MixShift, TellsSimpsonsCaseApart) {
  const std::vector<GroupChange> groups = {{rate(900, 810), rate(300, 276)}, {rate(100, 50), rate(700, 385)}};
  const MixShift shift = mix_shift(groups);
  EXPECT_GT(groups[0].after.mean, groups[0].before.mean);
  EXPECT_GT(groups[1].after.mean, groups[1].before.mean);
  EXPECT_LT(shift.total.value, -5 * shift.total.error);
  EXPECT_GT(shift.within.value, 0);
  EXPECT_LT(shift.mix.value, -5 * shift.mix.error);
  EXPECT_NEAR(shift.total.value, 0.661 - 0.86, 1e-12);
}

TEST(MixShift, AddsUpAndIsTheSameBackwards) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform;
  std::vector<GroupChange> groups;
  std::vector<GroupChange> backwards;
  for (int i = 0; i < 12; ++i) {
    const GroupMean before = {i == 3 ? 0 : 1'000 * uniform(random), uniform(random), 0.001};
    const GroupMean after = {i == 5 ? 0 : 1'000 * uniform(random), uniform(random), 0.001};
    groups.push_back({before, after});
    backwards.push_back({after, before});
  }
  const MixShift shift = mix_shift(groups);
  double sum = 0;
  for (const auto& part : shift.parts) sum += part.mix + part.within;
  EXPECT_NEAR(sum, shift.total.value, 1e-12);
  const MixShift back = mix_shift(backwards);
  EXPECT_NEAR(back.mix.value, -shift.mix.value, 1e-12);
  EXPECT_NEAR(back.within.value, -shift.within.value, 1e-12);
  EXPECT_NEAR(back.mix.error, shift.mix.error, 1e-12);
}

TEST(MixShift, AGroupThatIsNewOrGoneMovesTheMixAlone) {
  const std::vector<GroupChange> groups = {{rate(500, 50), rate(500, 50)}, {rate(0, 0), rate(500, 250)}};
  const MixShift shift = mix_shift(groups);
  EXPECT_NEAR(shift.total.value, 0.2, 1e-12);
  EXPECT_NEAR(shift.within.value, 0, 1e-12);
  EXPECT_NEAR(shift.mix.value, 0.2, 1e-12);
}

TEST(MixShift, OfNothingIsNothing) {
  EXPECT_EQ(mix_shift({}).total.value, 0);
  const std::vector<GroupChange> groups = {{rate(500, 50), rate(0, 0)}};
  EXPECT_EQ(mix_shift(groups).total.value, 0);
  EXPECT_EQ(mix_shift(groups).parts.size(), 1u);
}

struct Case {
  const char* name;
  std::vector<double> shares_before, shares_after, rates_before, rates_after;
};

TEST(MixShift, ErrorsHoldTheTruthInNineteenOfTwenty) {
  const std::vector<Case> cases = {
      {"both", {0.7, 0.2, 0.1}, {0.5, 0.2, 0.3}, {0.1, 0.3, 0.5}, {0.12, 0.25, 0.6}},
      {"nothing", {0.6, 0.3, 0.1}, {0.6, 0.3, 0.1}, {0.1, 0.3, 0.5}, {0.1, 0.3, 0.5}},
      {"mix", {0.9, 0.05, 0.05}, {0.5, 0.25, 0.25}, {0.2, 0.4, 0.6}, {0.2, 0.4, 0.6}},
  };
  constexpr int kUnits = 2'000;
  const auto runs = static_cast<int>(sampled(10'000));
  std::mt19937_64 random(11);
  for (const Case& one : cases) {
    const auto draw = [&](const std::vector<double>& shares, const std::vector<double>& rates) {
      std::vector<GroupMean> groups;
      int left = kUnits;
      double share_left = 1;
      for (size_t i = 0; i < shares.size(); ++i) {
        const double share = std::min(shares[i] / share_left, 1.0);
        const int count = i + 1 == shares.size() ? left : std::binomial_distribution<int>(left, share)(random);
        left -= count;
        share_left -= shares[i];
        groups.push_back(rate(count, std::binomial_distribution<int>(count, rates[i])(random)));
      }
      return groups;
    };
    std::vector<GroupChange> truth;
    for (size_t i = 0; i < one.shares_before.size(); ++i)
      truth.push_back({{one.shares_before[i], one.rates_before[i], 0}, {one.shares_after[i], one.rates_after[i], 0}});
    const MixShift expected = mix_shift(truth);
    int mix = 0;
    int within = 0;
    int total = 0;
    for (int run = 0; run < runs; ++run) {
      const auto before = draw(one.shares_before, one.rates_before);
      const auto after = draw(one.shares_after, one.rates_after);
      std::vector<GroupChange> groups;
      for (size_t i = 0; i < before.size(); ++i) groups.push_back({before[i], after[i]});
      const MixShift seen = mix_shift(groups);
      const auto holds = [](const Estimate& estimate, double value) {
        return std::abs(estimate.value - value) <= 1.96 * estimate.error ? 1 : 0;
      };
      mix += holds(seen.mix, expected.mix.value);
      within += holds(seen.within, expected.within.value);
      total += holds(seen.total, expected.total.value);
    }
    for (const int held : {mix, within, total}) {
      EXPECT_GT(held, (is_full_sample() ? 0.94 : 0.92) * runs) << one.name;
      EXPECT_LT(held, (is_full_sample() ? 0.96 : 0.98) * runs) << one.name;
    }
  }
}

}  // namespace
}  // namespace tidewatch
