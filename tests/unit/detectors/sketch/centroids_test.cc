#include "detectors/sketch/centroids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string bytes_of(const CentroidHistogram& histogram) {
  ByteWriter out;
  histogram.save(out);
  return std::move(out).bytes();
}

TEST(CentroidHistogram, IsExactWhileThereAreNoMoreDifferentValuesThanCentroids) {
  CentroidHistogram histogram;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 128; ++i) histogram.add((i * 37) % 128);
  EXPECT_EQ(histogram.weight(), 384);
  for (int i = 0; i < 128; ++i) EXPECT_EQ(histogram.weight_within(i, i + 1), 3) << i;
  EXPECT_EQ(histogram.weight_from(100), 84);
  EXPECT_EQ(histogram.quantile(0.5), 64);
  EXPECT_EQ(histogram.quantile(0), 0);
  EXPECT_EQ(histogram.quantile(1), 127);
  EXPECT_EQ(histogram.distance_to(5.25), 0.25);
  EXPECT_EQ(histogram.distance_to(200), 73);
}

TEST(CentroidHistogram, OfManyValuesHasTheirQuantilesAndKeepsTheirTails) {
  for (const bool is_heavy : {false, true}) {
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    CentroidHistogram histogram;
    std::vector<double> all;
    for (int i = 0; i < 50'000; ++i) {
      all.push_back(is_heavy ? std::exp(normal(random)) : normal(random));
      histogram.add(all.back());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(histogram.weight(), 50'000);
    for (const double q : {0.1, 0.25, 0.5, 0.75, 0.9}) {
      // Merging the closest lets gaps grow to a few hundredths of the range of the bulk.
      const double exact = all[static_cast<size_t>(q * 50'000)];
      EXPECT_NEAR(histogram.quantile(q), exact, is_heavy ? 0.25 * exact + 0.05 : 0.1) << q;
    }
    EXPECT_EQ(histogram.least(), is_heavy ? histogram.least() : all.front());
    EXPECT_EQ(histogram.most(), all.back());
  }
}

TEST(CentroidHistogram, IgnoresWhatIsNoValue) {
  CentroidHistogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_TRUE(std::isnan(histogram.quantile(0.5)));
  EXPECT_EQ(histogram.distance_to(1), kInfinity);
  histogram.add(std::nan(""));
  histogram.add(kInfinity);
  histogram.add(1, 0);
  histogram.add(1, -2);
  histogram.add(1, std::nan(""));
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.weight(), 0);
}

TEST(CentroidHistogram, HalvedCountsHalfOfWhatComes) {
  CentroidHistogram histogram;
  for (int i = 0; i < 8; ++i) histogram.add(1);
  histogram.halve();
  histogram.add(2);
  EXPECT_EQ(histogram.weight(), 5);
  EXPECT_EQ(histogram.weight_within(0, 1.5), 4);
}

TEST(CentroidHistogram, SurvivesSaving) {
  std::mt19937_64 random(3);
  CentroidHistogram histogram;
  const size_t empty_size = bytes_of(histogram).size();
  for (int i = 0; i < 1000; ++i) histogram.add(std::exp(static_cast<double>(random() % 1000) / 100));
  const std::string saved = bytes_of(histogram);
  EXPECT_EQ(saved.size(), empty_size);
  CentroidHistogram loaded;
  ByteReader in(saved);
  ASSERT_TRUE(loaded.load(in));
  EXPECT_TRUE(in.at_end());
  for (int i = 0; i < 100; ++i) {
    loaded.add(i * 1.1);
    histogram.add(i * 1.1);
  }
  EXPECT_EQ(bytes_of(loaded), bytes_of(histogram));
}

TEST(CentroidHistogram, DamagedIsRefusedOrHarmless) {
  CentroidHistogram histogram;
  for (int i = 0; i < 300; ++i) histogram.add(i * i);
  size_t refused = 0;
  for_each_damage(bytes_of(histogram), [&](const std::string& bytes) {
    CentroidHistogram loaded;
    ByteReader in(bytes);
    if (!loaded.load(in)) {
      refused += 1;
      return;
    }
    loaded.add(5);
    EXPECT_GE(loaded.weight_within(-kInfinity, kInfinity), 0);
    EXPECT_FALSE(std::isnan(loaded.quantile(0.5)));
  });
  EXPECT_GT(refused, 1000U);
}

}  // namespace
}  // namespace tidewatch
