#include "detectors/sketch/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "detectors/sketch/exact_sum.h"
#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

Moments of(const std::vector<double>& values) {
  Moments moments;
  for (const double value : values) moments.add(value);
  return moments;
}

TEST(ExactSum, DoesNotDependOnTheOrderOfTerms) {
  std::mt19937_64 random(1);
  std::vector<double> terms;
  for (int i = 0; i < 2000; ++i)
    terms.push_back(
        std::ldexp(std::uniform_real_distribution<double>(-1, 1)(random), static_cast<int>(random() % 1900) - 1000));
  ByteWriter first;
  ExactSum sum;
  for (const double term : terms) sum.add(term);
  sum.serialize(first);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(terms.begin(), terms.end(), random);
    ExactSum parts[3];
    for (size_t i = 0; i < terms.size(); ++i) parts[random() % 3].add(terms[i]);
    parts[2].merge(parts[0]);
    parts[1].merge(parts[2]);
    ByteWriter again;
    parts[1].serialize(again);
    ASSERT_EQ(again.bytes(), first.bytes());
  }
}

TEST(ExactSum, SurvivesCancellation) {
  ExactSum sum;
  sum.add(1e16);
  for (int i = 0; i < 1000; ++i) sum.add(0.1);
  sum.add(-1e16);
  // Stated: each of the 1,000 terms is exact to 2^-84 of 1e16. In doubles, each would be rounded to a multiple of 2.
  EXPECT_NEAR(sum.value(), 100.0, 1000 * std::ldexp(1e16, -84));
}

TEST(ExactSum, AgreesWithWiderArithmetic) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> law(-3, 100);
  ExactSum sum;
  long double wide = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double term = law(random);
    sum.add(term);
    wide += term;
  }
  EXPECT_NEAR(sum.value(), static_cast<double>(wide), 1e-12 * std::abs(static_cast<double>(wide)));
}

TEST(ExactSum, AddsProductsWithoutRoundingThem) {
  const double a = 1 + std::ldexp(1.0, -30);
  ExactSum sum;
  sum.add_product(a, a);
  sum.add(-1);
  sum.add(-std::ldexp(1.0, -29));
  EXPECT_EQ(sum.value(), std::ldexp(1.0, -60));
}

TEST(ExactSum, HoldsDenormalsAndHugeTerms) {
  ExactSum small;
  for (int i = 0; i < 3; ++i) small.add(5e-324);
  EXPECT_EQ(small.value(), 15e-324);
  ExactSum large;
  large.add(1.7e308);
  large.add(-1.6e308);
  EXPECT_NEAR(large.value(), 1e307, 1e292);
}

TEST(Moments, GivesMeanVarianceAndExtremes) {
  const auto moments = of({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(moments.weight(), 8);
  EXPECT_EQ(moments.mean(), 5);
  EXPECT_DOUBLE_EQ(moments.variance(), 32.0 / 7);
  EXPECT_DOUBLE_EQ(moments.variance_of_mean(), 4.0 / 7);
  EXPECT_EQ(moments.min(), 2);
  EXPECT_EQ(moments.max(), 9);
}

TEST(Moments, KeepsASmallVarianceOfLargeValues) {
  // Sums of squares in doubles would lose it all: 1e12² needs 80 bits beside a variance of 1.
  const auto moments = of({1e12 - 1, 1e12, 1e12 + 1});
  EXPECT_EQ(moments.mean(), 1e12);
  EXPECT_DOUBLE_EQ(moments.variance(), 1);
}

TEST(Moments, OfEqualValuesHaveNoVariance) {
  const auto moments = of(std::vector<double>(1000, 0.1));
  EXPECT_LT(moments.variance(), 1e-20);
  EXPECT_DOUBLE_EQ(moments.mean(), 0.1);
}

TEST(Moments, OfOneValueHaveNoVarianceYet) {
  EXPECT_TRUE(std::isnan(of({3}).variance()));
  EXPECT_TRUE(std::isnan(Moments().mean()));
}

TEST(Moments, OfAHeavyTailAgreeWithTwoPasses) {
  std::mt19937_64 random(11);
  std::vector<double> values;
  for (int i = 0; i < 20'000; ++i)
    values.push_back(std::pow(1 - std::generate_canonical<double, 53>(random), -1 / 1.1));
  long double mean = 0, squares = 0;
  for (const double value : values) mean += value;
  mean /= 20'000;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto moments = of(values);
  EXPECT_NEAR(moments.mean(), static_cast<double>(mean), 1e-13 * static_cast<double>(mean));
  EXPECT_NEAR(moments.variance() / static_cast<double>(squares / 19'999), 1, 1e-12);
}

TEST(Moments, MergeEqualsAllValuesInAnyGrouping) {
  std::mt19937_64 random(12);
  Moments whole, a, b, c;
  for (int i = 0; i < 9000; ++i) {
    const double value = std::cauchy_distribution<double>(0, 1)(random);
    const double weight = i % 3 == 0 ? 1 : std::uniform_real_distribution<double>(0.5, 40)(random);
    whole.add(value, weight);
    (i % 5 < 2 ? a : i % 5 < 4 ? b : c).add(value, weight);
  }
  Moments left = a, right = c;
  left.merge(b);
  left.merge(c);
  right.merge(b);
  right.merge(a);
  EXPECT_EQ(to_bytes(left), to_bytes(whole));
  EXPECT_EQ(to_bytes(right), to_bytes(whole));
}

TEST(Moments, WeighReliability) {
  // A value of weight 3 is not three values: effective count (3+1)²/(9+1), unbiased for weights as reliabilities.
  Moments moments;
  moments.add(1, 3);
  moments.add(5, 1);
  EXPECT_EQ(moments.mean(), 2);
  EXPECT_DOUBLE_EQ(moments.effective_count(), 1.6);
  EXPECT_DOUBLE_EQ(moments.variance(), (3 * 1 + 1 * 9) / (4 - 10.0 / 4));
  EXPECT_DOUBLE_EQ(moments.sum_of_weighted_squares(), 9 + 25);
  // Σw²(x - 2)² / (Σw)², times n/(n - 1).
  EXPECT_DOUBLE_EQ(moments.variance_of_mean(), (9 * 1 + 1 * 9) / 16.0 * 1.6 / 0.6);
}

TEST(Moments, KnowTheirMeanBetterWhereLargeValuesWereSoughtOut) {
  Moments sought;
  Moments unrelated;
  for (int i = 0; i < 1'000; ++i) {
    const bool is_large = i % 2 == 0;
    sought.add(is_large ? 100 + i % 5 : i % 7, is_large ? 1 : 20);
    unrelated.add(is_large ? 100 + i % 5 : i % 7, i % 3 == 0 ? 1 : 20);
  }
  EXPECT_LT(sought.variance_of_mean(), 0.5 * sought.variance() / sought.effective_count());
  EXPECT_NEAR(unrelated.variance_of_mean(), unrelated.variance() / unrelated.effective_count(),
              0.05 * unrelated.variance_of_mean());
}

TEST(Moments, TakeBackWithdrawnValues) {
  Moments moments;
  moments.add(1e9 / 3, -2.5);
  moments.add(7);
  moments.add(9);
  moments.add(1e9 / 3, 2.5);
  EXPECT_EQ(moments.mean(), 8);
  EXPECT_EQ(moments.variance(), 2);
  EXPECT_EQ(moments.effective_count(), 2);
  EXPECT_EQ(moments.sum_of_weighted_squares(), 130);
}

TEST(Moments, RejectWhatIsNoUsableNumber) {
  Moments moments;
  EXPECT_FALSE(moments.add(NAN));
  EXPECT_FALSE(moments.add(INFINITY));
  EXPECT_FALSE(moments.add(1e141));
  EXPECT_FALSE(moments.add(1, NAN));
  EXPECT_TRUE(moments.empty());
}

TEST(Moments, ComeBackFromTheirBytes) {
  auto moments = of({1, 2.5, -1e-300, 1e100});
  EXPECT_EQ(to_bytes(*from_bytes<Moments>(to_bytes(moments))), to_bytes(moments));
  moments.add(3, 0.3);
  EXPECT_EQ(to_bytes(*from_bytes<Moments>(to_bytes(moments))), to_bytes(moments));
  EXPECT_TRUE(from_bytes<Moments>(to_bytes(Moments()))->empty());
}

TEST(Moments, RefuseAnotherVersion) {
  std::string bytes = to_bytes(Moments());
  bytes[0] = 3;
  EXPECT_EQ(from_bytes<Moments>(bytes).error().code, "unknown_version");
}

TEST(Moments, ReadDamagedBytesAsAnErrorOrAsSomeMoments) {
  Moments moments;
  for (int i = 0; i < 100; ++i) moments.add(0.37 * i - 3, 1 + i % 3 * 0.25);
  for_each_damage(to_bytes(moments), [&](const std::string& damaged) {
    auto back = from_bytes<Moments>(damaged);
    if (!back) return;
    back->merge(moments);
    static_cast<void>(back->variance());
    EXPECT_TRUE(from_bytes<Moments>(to_bytes(*back)).ok());
  });
}

}  // namespace
}  // namespace tidewatch
