#include "detectors/sketch/real_quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

std::vector<double> mixed_signs() {
  std::mt19937_64 random(8);
  std::vector<double> values;
  for (int i = 0; i < 4001; ++i) values.push_back(i % 50 == 0 ? 0 : std::cauchy_distribution<double>(-1, 2)(random));
  return values;
}

TEST(RealQuantiles, AreWithinTheRelativeErrorOnBothSidesOfZero) {
  auto values = mixed_signs();
  RealQuantiles quantiles;
  for (const double value : values) quantiles.add(value);
  std::sort(values.begin(), values.end());
  for (int permille = 0; permille <= 1000; ++permille) {
    const double exact = values[static_cast<size_t>(permille) * 4];  // 4,000 steps: whole ranks
    // Half a rank more: the product of quantile and count may be rounded to either side of a whole one.
    const double q = (permille * 4 + (permille < 1000 ? 0.5 : 0)) / 4000;
    EXPECT_NEAR(quantiles.quantile(q), exact, 0.01 * std::abs(exact)) << permille;
  }
}

TEST(RealQuantiles, MergeEqualsAllValuesInAnyGrouping) {
  RealQuantiles whole, a, b, c;
  size_t i = 0;
  for (const double value : mixed_signs()) {
    whole.add(value);
    (++i % 3 == 0 ? a : value > 2 ? b : c).add(value);
  }
  RealQuantiles left = a, right = c;
  left.merge(b);
  left.merge(c);
  right.merge(b);
  right.merge(a);
  EXPECT_EQ(to_bytes(left), to_bytes(whole));
  EXPECT_EQ(to_bytes(right), to_bytes(whole));
}

TEST(RealQuantiles, OfNegativeValuesOnlyHaveNoPositivePart) {
  RealQuantiles quantiles;
  for (int i = 1; i <= 100; ++i) quantiles.add(-i);
  EXPECT_NEAR(quantiles.quantile(0), -100, 1);
  EXPECT_NEAR(quantiles.quantile(1), -1, 0.01);
  EXPECT_EQ(quantiles.count(), 100);
}

TEST(RealQuantiles, OfNothingAreNoNumber) { EXPECT_TRUE(std::isnan(RealQuantiles().quantile(0.5))); }

TEST(RealQuantiles, ReadDamagedBytesAsAnErrorOrAsSomeQuantiles) {
  RealQuantiles quantiles;
  for (const double value : mixed_signs()) quantiles.add(value);
  EXPECT_EQ(to_bytes(*from_bytes<RealQuantiles>(to_bytes(quantiles))), to_bytes(quantiles));
  for_each_damage(to_bytes(quantiles), [&](const std::string& damaged) {
    auto back = from_bytes<RealQuantiles>(damaged);
    if (!back) return;
    back->merge(quantiles);
    static_cast<void>(back->quantile_variance(0.95, 100));
    EXPECT_TRUE(from_bytes<RealQuantiles>(to_bytes(*back)).ok());
  });
}

}  // namespace
}  // namespace tidewatch
