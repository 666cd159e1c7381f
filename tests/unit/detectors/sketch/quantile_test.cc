#include "detectors/sketch/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

using Values = std::vector<double>;

Values draw(size_t count, const std::function<double(std::mt19937_64&, size_t)>& one) {
  std::mt19937_64 random(42);
  Values values(count);
  for (size_t i = 0; i < count; ++i) values[i] = one(random, i);
  return values;
}

/// Distributions that break sketches which assume smoothness, a range, or an order.
std::map<std::string, Values> hard_distributions() {
  const auto uniform = [](auto& random) { return std::generate_canonical<double, 53>(random); };
  return {
      {"one_value", {0.037}},
      {"two_values", {1e-300, 1e300}},
      {"few", {3, 1, 4, 1, 5, 9, 2, 6}},
      {"all_equal", Values(10'000, 12.5)},
      {"zeros_and_some",
       draw(5'000, [&](auto& random, size_t) { return uniform(random) < 0.9 ? 0 : uniform(random); })},
      {"pareto", draw(50'000, [&](auto& random, size_t) { return std::pow(1 - uniform(random), -1 / 0.8); })},
      {"lognormal", draw(50'000, [](auto& r, size_t) { return std::lognormal_distribution<double>(-1, 1.5)(r); })},
      {"bimodal_with_a_gap",
       draw(20'000, [&](auto& random, size_t i) { return (i % 3 == 0 ? 1e6 : 1e-6) * (1 + uniform(random)); })},
      {"sorted_up", draw(20'000, [](auto&, size_t i) { return 0.001 * static_cast<double>(i); })},
      {"sorted_down", draw(20'000, [](auto&, size_t i) { return 0.001 * static_cast<double>(20'000 - i); })},
      {"powers_of_two", draw(900, [](auto&, size_t i) { return std::ldexp(1.0, static_cast<int>(i) - 450); })},
      {"denormals", draw(1'000, [](auto&, size_t i) { return 5e-324 * static_cast<double>(i + 1) * 1e6; })},
      {"huge", draw(1'000, [&](auto& random, size_t) { return 1.79e308 * uniform(random); })},
      {"integers", draw(20'000, [](auto& random, size_t) { return static_cast<double>(random() % 4096); })},
      {"bucket_edges", draw(900, [](auto&, size_t i) { return std::pow(1.01 / 0.99, static_cast<double>(i)); })},
  };
}

class HardDistribution : public testing::TestWithParam<std::string> {
 protected:
  const Values values_ = hard_distributions().at(GetParam());
};
INSTANTIATE_TEST_SUITE_P(QuantileSketch, HardDistribution, testing::ValuesIn([] {
                           std::vector<std::string> names;
                           for (const auto& [name, values] : hard_distributions()) names.push_back(name);
                           return names;
                         }()),
                         [](const auto& param) { return param.param; });

void expect_bound(const QuantileSketch& sketch, Values values) {
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  const size_t step = 1 + values.size() / 2000;
  for (size_t rank = 0; rank < values.size(); rank += step) {
    const double exact = values[rank];
    const double found = sketch.value_at_rank(static_cast<double>(rank));
    // Two denormals may be further apart than the bound: half the least denormal is added.
    ASSERT_LE(std::abs(found - exact), sketch.relative_error() * exact + 2.5e-324) << "rank " << rank;
  }
  for (const double q : {0.0, 0.5, 0.95, 0.99, 1.0}) {
    const double exact = values[static_cast<size_t>(q * last)];
    EXPECT_LE(std::abs(sketch.quantile(q) - exact), sketch.relative_error() * exact + 2.5e-324) << "q " << q;
  }
}

TEST_P(HardDistribution, EveryRankIsWithinTheStatedError) {
  for (const double relative_error : {0.01, 0.002, 0.1}) {
    QuantileSketch sketch(relative_error, 60'000);
    for (const double value : values_) sketch.add(value);
    EXPECT_EQ(sketch.count(), static_cast<double>(values_.size()));
    expect_bound(sketch, values_);
  }
}

TEST_P(HardDistribution, MergeEqualsOneSketchOfAllValues) {
  QuantileSketch whole, reversed;
  std::vector<QuantileSketch> parts(7);
  for (size_t i = 0; i < values_.size(); ++i) {
    whole.add(values_[i]);
    reversed.add(values_[values_.size() - 1 - i]);
    parts[i % parts.size()].add(values_[i]);
  }
  QuantileSketch left, right;
  for (size_t i = 0; i < parts.size(); ++i) {
    left.merge(parts[i]);
    QuantileSketch next = parts[parts.size() - 1 - i];
    next.merge(right);
    right = next;
  }
  EXPECT_EQ(to_bytes(reversed), to_bytes(whole));
  EXPECT_EQ(to_bytes(left), to_bytes(whole));
  EXPECT_EQ(to_bytes(right), to_bytes(whole));
}

TEST_P(HardDistribution, ComesBackFromItsBytes) {
  QuantileSketch sketch;
  for (const double value : values_) sketch.add(value);
  const auto back = from_bytes<QuantileSketch>(to_bytes(sketch));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_bytes(*back), to_bytes(sketch));
  for (const double q : {0.0, 0.3, 0.99, 1.0}) EXPECT_EQ(back->quantile(q), sketch.quantile(q));
}

TEST_P(HardDistribution, WithdrawingEveryValueLeavesNothing) {
  QuantileSketch sketch;
  for (const double value : values_) sketch.add(value);
  QuantileSketch withdrawn;
  for (const double value : values_) withdrawn.add(value, -1);
  EXPECT_EQ(withdrawn.count(), 0);
  withdrawn.merge(sketch);
  EXPECT_EQ(withdrawn.count(), 0);
  EXPECT_TRUE(std::isnan(withdrawn.quantile(0.5)));
}

TEST(QuantileSketch, LosesOnlyTheSmallestValuesWhenItsBucketsRunOut) {
  // 4,000 buckets' worth of values in 1,024 buckets: the upper ones keep the bound, the lower ones share a bucket.
  QuantileSketch sketch;
  Values values;
  for (int i = 0; i < 4000; ++i) values.push_back(std::exp(0.0205 * i));
  for (const double value : values) sketch.add(value);
  for (size_t rank = 4000 - 1000; rank < 4000; ++rank)
    ASSERT_NEAR(sketch.value_at_rank(static_cast<double>(rank)), values[rank], 0.01 * values[rank]);
  EXPECT_EQ(sketch.count(), 4000);
  EXPECT_GE(sketch.value_at_rank(0), values[2900]);
  EXPECT_LT(sketch.memory_bytes(), 1024 * 24 + 200);
}

TEST(QuantileSketch, CollapsesToTheSameBytesInAnyOrder) {
  QuantileSketch up(0.01, 64), down(0.01, 64), mixed(0.01, 64), odd(0.01, 64);
  for (int i = 0; i < 5000; ++i) {
    up.add(std::exp(0.05 * (i % 1000)));
    down.add(std::exp(0.05 * (999 - i % 1000)));
    (i % 2 == 0 ? mixed : odd).add(std::exp(0.05 * (i * 377 % 1000)));
  }
  mixed.merge(odd);
  EXPECT_EQ(to_bytes(down), to_bytes(up));
  EXPECT_EQ(to_bytes(mixed), to_bytes(up));
}

TEST(QuantileSketch, OneAbsurdOutlierDoesNotCostTheRestItsAccuracy) {
  QuantileSketch sketch;
  for (int i = 0; i < 10'000; ++i) sketch.add(0.1 + 0.0001 * i);
  sketch.add(1e300);
  EXPECT_NEAR(sketch.quantile(0.5), 0.6, 0.006);
  EXPECT_NEAR(sketch.quantile(1.0), 1e300, 1e298);
}

TEST(QuantileSketch, RejectsWhatIsNotANonNegativeNumber) {
  QuantileSketch sketch;
  for (const double value : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::denorm_min()})
    sketch.add(value);
  EXPECT_EQ(sketch.rejected(), 4);
  EXPECT_EQ(sketch.count(), 0);
  EXPECT_TRUE(std::isnan(sketch.quantile(0.5)));
}

TEST(QuantileSketch, KeepsZeroExactly) {
  QuantileSketch sketch;
  for (int i = 0; i < 60; ++i) sketch.add(0.0);
  for (int i = 0; i < 40; ++i) sketch.add(-0.0 + (i < 1 ? 0 : 5));
  EXPECT_EQ(sketch.quantile(0.0), 0);
  EXPECT_EQ(sketch.quantile(0.5), 0);
  EXPECT_NEAR(sketch.quantile(0.9), 5, 0.05);
}

TEST(QuantileSketch, WeighsValues) {
  QuantileSketch sketch;
  sketch.add(1, 90.5);
  sketch.add(100, 9.5);
  EXPECT_EQ(sketch.count(), 100);
  EXPECT_NEAR(sketch.quantile(0.9), 1, 0.01);
  EXPECT_NEAR(sketch.quantile(0.92), 100, 1);
}

TEST(QuantileSketch, IgnoresWeightsThatAreNoNumbers) {
  QuantileSketch sketch;
  sketch.add(1, std::numeric_limits<double>::quiet_NaN());
  sketch.add(1, std::numeric_limits<double>::infinity());
  sketch.add(1, 0);
  EXPECT_TRUE(sketch.empty());
}

TEST(QuantileSketch, QueriesWhatIsLeftWhenWithdrawalsPrecedeTheirValues) {
  QuantileSketch partial;
  partial.add(10, -5);
  partial.add(20, 3);
  EXPECT_EQ(partial.count(), 3);
  EXPECT_NEAR(partial.quantile(0.0), 20, 0.2);
}

TEST(QuantileSketch, IsSmallForFewValuesAndBoundedForMany) {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> latency(0, 1);
  QuantileSketch sketch;
  for (int i = 0; i < 20; ++i) sketch.add(latency(random));
  EXPECT_LE(sketch.memory_bytes(), 600u);
  EXPECT_LE(to_bytes(sketch).size(), 20u * 4 + 8);
  for (int i = 0; i < 100'000; ++i) sketch.add(latency(random));
  EXPECT_LE(sketch.memory_bytes(), 1024u * 8 + 200);
}

TEST(QuantileSketch, VarianceOfAConstantIsItsOwnResolution) {
  QuantileSketch sketch;
  for (int i = 0; i < 1000; ++i) sketch.add(8);
  EXPECT_NEAR(std::sqrt(sketch.quantile_variance(0.95, 1000)), 0.01 * 8 / std::sqrt(3), 0.001);
}

TEST(QuantileSketch, VarianceGrowsAsTheEffectiveCountFalls) {
  QuantileSketch sketch;
  for (int i = 1; i <= 10'000; ++i) sketch.add(i);
  // Uniform on (0, 10,000]: the variance of the sample median is (10,000/2)²/n.
  EXPECT_NEAR(std::sqrt(sketch.quantile_variance(0.5, 100)), 500, 60);
  EXPECT_NEAR(std::sqrt(sketch.quantile_variance(0.5, 2500)), 100, 30);
  EXPECT_GT(sketch.quantile_variance(0.5, 1), 1e7);
}

TEST(QuantileSketch, RefusesAnotherVersion) {
  std::string bytes = to_bytes(QuantileSketch());
  bytes[0] = 77;
  const auto back = from_bytes<QuantileSketch>(bytes);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, "unknown_version");
}

TEST(QuantileSketch, RefusesBytesThatGoOn) {
  EXPECT_EQ(from_bytes<QuantileSketch>(to_bytes(QuantileSketch()) + "x").error().code, "corrupt");
}

TEST(QuantileSketch, ReadsDamagedBytesAsAnErrorOrAsSomeSketch) {
  QuantileSketch sketch(0.005, 512);
  std::mt19937_64 random(5);
  for (int i = 0; i < 500; ++i) sketch.add(std::lognormal_distribution<double>(0, 2)(random), i % 7 == 0 ? 1.5 : 1);
  sketch.add(0);
  sketch.add(-1);
  for_each_damage(to_bytes(sketch), [](const std::string& damaged) {
    auto back = from_bytes<QuantileSketch>(damaged);
    if (!back) return;
    static_cast<void>(back->quantile(0.5));
    static_cast<void>(back->quantile_variance(0.99, back->count()));
    back->add(1.0);
    EXPECT_TRUE(from_bytes<QuantileSketch>(to_bytes(*back)).ok());
  });
}

}  // namespace
}  // namespace tidewatch
