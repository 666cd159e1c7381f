#include "detectors/sketch/distinct.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

DistinctSketch of(uint64_t from, uint64_t to) {
  DistinctSketch sketch;
  for (uint64_t key = from; key < to; ++key) sketch.add(key);
  return sketch;
}

TEST(DistinctSketch, CountsFewKeysExactly) {
  // Collisions of 25-bit hashes: 768²/2/2^25 = 0.9 % for one among the fullest, and the estimate allows for them.
  for (const uint64_t count : {0u, 1u, 2u, 10u, 100u, 768u})
    EXPECT_NEAR(of(0, count).estimate(), static_cast<double>(count), 0.02) << count;
}

TEST(DistinctSketch, CountsManyKeysWithinItsStandardError) {
  // 40 disjoint runs of plain successive numbers at each size: the root mean square of the relative error must be that
  // stated (its own standard error from 40 runs is 11 %: the factors are ±3 of those), and the mean unbiased.
  for (const uint64_t count : {800u, 3'000u, 10'000u, 100'000u}) {
    constexpr int kRuns = 40;
    double squares = 0, sum = 0;
    for (uint64_t run = 0; run < kRuns; ++run) {
      const double error = of(run * 1'000'000, run * 1'000'000 + count).estimate() / static_cast<double>(count) - 1;
      squares += error * error;
      sum += error;
    }
    constexpr double kStated = 1.04 / 64;
    EXPECT_LT(std::sqrt(squares / kRuns), 1.33 * kStated) << count;
    EXPECT_LT(std::abs(sum / kRuns), 3 * kStated / std::sqrt(kRuns)) << count;
  }
}

TEST(DistinctSketch, CountsTwoMillionKeys) { EXPECT_NEAR(of(0, 2'000'000).estimate(), 2e6, 4 * 1.04 / 64 * 2e6); }

TEST(DistinctSketch, StatesItsVariance) {
  const auto many = of(0, 50'000);
  EXPECT_NEAR(std::sqrt(many.variance()) / many.estimate(), 1.04 / 64, 1e-9);
  EXPECT_LT(std::sqrt(of(0, 100).variance()), 0.1);
}

TEST(DistinctSketch, DoesNotCountDuplicates) {
  auto sketch = of(0, 5'000);
  const auto once = to_bytes(sketch);
  for (int round = 0; round < 3; ++round)
    for (uint64_t key = 0; key < 5'000; ++key) sketch.add(key);
  EXPECT_EQ(to_bytes(sketch), once);
}

TEST(DistinctSketch, TellsKeysThatDifferInOneCharacter) {
  DistinctSketch sketch;
  for (int i = 0; i < 500; ++i) sketch.add(hash_key("session/" + std::to_string(i)));
  EXPECT_NEAR(sketch.estimate(), 500, 0.02);
}

TEST(DistinctSketch, MergeEqualsOneSketchOfAllKeysFewOrMany) {
  for (const uint64_t count : {30u, 700u, 900u, 20'000u}) {
    const auto whole = to_bytes(of(0, count));
    auto a = of(0, count / 2), b = of(count / 3, count), c = of(count / 4, count / 4 + 3);
    auto left = a, right = c;
    left.merge(b);
    left.merge(c);
    right.merge(b);
    right.merge(a);
    EXPECT_EQ(to_bytes(left), whole) << count;
    EXPECT_EQ(to_bytes(right), whole) << count;
    right.merge(left);
    EXPECT_EQ(to_bytes(right), whole) << "merging is idempotent";
  }
}

TEST(DistinctSketch, StaysInBoundedMemory) {
  EXPECT_LE(of(0, 20).memory_bytes(), 200u);
  EXPECT_LE(of(0, 1'000'000).memory_bytes(), 4096u + 100);
  EXPECT_LE(to_bytes(of(0, 1'000'000)).size(), 3072u + 2);
  EXPECT_LE(to_bytes(of(0, 20)).size(), 20u * 5 + 3);
}

TEST(DistinctSketch, ComesBackFromItsBytes) {
  for (const uint64_t count : {0u, 20u, 768u, 769u, 40'000u}) {
    const auto bytes = to_bytes(of(0, count));
    const auto back = from_bytes<DistinctSketch>(bytes);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(to_bytes(*back), bytes);
    EXPECT_EQ(back->estimate(), of(0, count).estimate());
  }
}

TEST(DistinctSketch, RefusesAnotherVersion) {
  std::string bytes = to_bytes(of(0, 5));
  bytes[0] = 0;
  EXPECT_EQ(from_bytes<DistinctSketch>(bytes).error().code, "unknown_version");
}

TEST(DistinctSketch, ReadsDamagedBytesAsAnErrorOrAsSomeSketch) {
  for (const uint64_t count : {60u, 5'000u})
    for_each_damage(to_bytes(of(0, count)), [&](const std::string& damaged) {
      auto back = from_bytes<DistinctSketch>(damaged);
      if (!back) return;
      back->merge(of(0, 10));
      EXPECT_TRUE(std::isfinite(back->variance()) || back->estimate() > 1e15);
      EXPECT_TRUE(from_bytes<DistinctSketch>(to_bytes(*back)).ok());
    });
}

}  // namespace
}  // namespace tidewatch
