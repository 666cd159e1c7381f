#include "detectors/decide/rollout/tail_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tidewatch {
namespace {

TEST(TailCounts, QuantilesAndTailsAreNearTheExactOnes) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> law(0, 1);
  std::vector<double> values;
  TailCounts counts;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(law(random));
    counts.add(values.back(), 1);
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.5, 0.9, 0.95, 0.99}) {
    const double exact = values[static_cast<size_t>(q * static_cast<double>(values.size()))];
    EXPECT_NEAR(counts.quantile(q) / exact, 1, 0.015) << q;
    EXPECT_NEAR(counts.above(counts.quantile(q)) / counts.count(), 1 - q, 1e-9) << q;
  }
  EXPECT_EQ(counts.count(), 20'000);
}

TEST(TailCounts, MergedEqualsOneOfAllAndSurvivesStorage) {
  TailCounts one;
  TailCounts other;
  TailCounts all;
  std::mt19937_64 random(6);
  for (int i = 0; i < 500; ++i) {
    const double value = static_cast<double>(random() % 1000) / 37;
    (i % 3 == 0 ? one : other).add(value, i % 5 == 0 ? 2.5 : 1);
    all.add(value, i % 5 == 0 ? 2.5 : 1);
  }
  all.add_effective(12);
  other.add_effective(12);
  one.merge(other);
  ByteWriter merged;
  one.save(merged);
  ByteWriter whole;
  all.save(whole);
  EXPECT_EQ(merged.bytes(), whole.bytes());
  TailCounts restored;
  ByteReader in(merged.bytes());
  ASSERT_TRUE(restored.load(in));
  ByteWriter again;
  restored.save(again);
  EXPECT_EQ(again.bytes(), whole.bytes());
}

TEST(TailCounts, ZeroAndNothingAreLowest) {
  TailCounts counts;
  EXPECT_EQ(counts.quantile(0.95), 0);
  counts.add(0, 9);
  counts.add(10, 1);
  EXPECT_LT(counts.quantile(0.5), 1e-9);
  EXPECT_EQ(counts.above(1), 1);
}

}  // namespace
}  // namespace tidewatch
