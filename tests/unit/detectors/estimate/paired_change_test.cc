#include "detectors/estimate/paired_change.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/sample_share.h"

namespace tidewatch {
namespace {

TEST(PairedChange, CountsSignsAndTheirChance) {
  std::vector<double> before(30, 0.5);
  std::vector<double> after(30, 0.5);
  for (size_t i = 0; i < 10; ++i) after[i] = 0.25;
  after[10] = 0.75;
  const auto change = paired_change(before, after);
  EXPECT_EQ(change.lower, 10);
  EXPECT_EQ(change.higher, 1);
  EXPECT_EQ(change.same, 19);
  EXPECT_NEAR(change.mean, (-2.5 + 0.25) / 30, 1e-12);
  EXPECT_NEAR(change.p_value, 2 * 12.0 / 2048, 1e-12);  // none or one of eleven
}

TEST(PairedChange, WithoutAChangeNothingIsKnown) {
  const std::vector<double> same(20, 0.3);
  EXPECT_EQ(paired_change(same, same).p_value, 1);
  EXPECT_EQ(paired_change({}, {}).p_value, 1);
}

TEST(PairedChange, IsRarelySurprisedWhenNothingHappens) {
  std::mt19937 random(3);
  std::normal_distribution<> noise(0, 0.1);
  const size_t rounds = sampled(20'000, 500);
  size_t surprised = 0;
  for (size_t round = 0; round < rounds; ++round) {
    std::vector<double> before;
    std::vector<double> after;
    for (int i = 0; i < 60; ++i) {
      before.push_back(noise(random));
      after.push_back(noise(random));
    }
    surprised += paired_change(before, after).p_value <= 0.05 ? 1 : 0;
  }
  // Exact tests of few values stay below their level.
  EXPECT_LE(static_cast<double>(surprised) / static_cast<double>(rounds), is_full_sample() ? 0.055 : 0.1);
  EXPECT_GT(surprised, 0);
}

}  // namespace
}  // namespace tidewatch
