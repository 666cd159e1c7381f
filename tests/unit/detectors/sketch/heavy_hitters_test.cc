#include "detectors/sketch/heavy_hitters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "detectors/sketch/serialized.h"
#include "unit/detectors/sketch/damage.h"

namespace tidewatch {
namespace {

struct Update {
  std::string key;
  double weight;
};
using Stream = std::vector<Update>;

/// Streams on which dropping the wrong key, or counting a returning one afresh, would break the bounds.
std::map<std::string, Stream> hard_streams() {
  std::map<std::string, Stream> streams;
  std::mt19937_64 random(99);
  for (int i = 0; i < 20'000; ++i) {
    const double u = std::generate_canonical<double, 53>(random);
    streams["zipf"].push_back({"k" + std::to_string(static_cast<int>(std::pow(1 - u, -1 / 1.1))), 1});
    streams["all_different"].push_back({"k" + std::to_string(i), 1});
    streams["round_robin"].push_back({"k" + std::to_string(i % 100), 1});
    streams["late_heavy"].push_back({i < 15'000 ? "k" + std::to_string(i) : "late", 1});
    streams["heavy_then_gone"].push_back({i < 3'000 ? "early" : "k" + std::to_string(i), 1});
    streams["weighted"].push_back({"k" + std::to_string(random() % 300), 1 / (0.01 + u)});
  }
  return streams;
}

class HardStream : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const auto& [key, weight] : stream_) truth_[key] += weight;
  }
  /// Weights are rounded to 2^-20 as they are counted.
  void expect_bounds(const HeavyHitters& sketch) {
    const double slack = 1e-6 * static_cast<double>(stream_.size());
    double total = 0;
    for (const auto& [key, weight] : truth_) {
      total += weight;
      const auto found = sketch.estimate(key);
      ASSERT_GE(found.estimate, weight - slack) << key;
      ASSERT_LE(found.guaranteed, weight + slack) << key;
    }
    EXPECT_NEAR(sketch.total(), total, slack);
    const double bound = sketch.total() / sketch.capacity() + slack;
    EXPECT_LE(sketch.absent_bound(), bound);
    EXPECT_LE(sketch.top(1000).size(), sketch.capacity());
    for (const auto& hitter : sketch.top(1000)) ASSERT_LE(hitter.estimate - hitter.guaranteed, bound) << hitter.key;
    for (const auto& [key, weight] : truth_) {
      const bool is_lost = weight > bound && sketch.estimate(key).guaranteed == 0;
      EXPECT_FALSE(is_lost) << key << " is heavy";
    }
  }

  const Stream stream_ = hard_streams().at(GetParam());
  std::map<std::string, double> truth_;
};
INSTANTIATE_TEST_SUITE_P(HeavyHitters, HardStream,
                         testing::Values("zipf", "all_different", "round_robin", "late_heavy", "heavy_then_gone",
                                         "weighted"),
                         [](const auto& param) { return param.param; });

TEST_P(HardStream, KeepsItsBounds) {
  HeavyHitters sketch(32);
  for (const auto& [key, weight] : stream_) sketch.add(key, weight);
  expect_bounds(sketch);
}

TEST_P(HardStream, KeepsItsBoundsThroughMergesInAnyShapeAndFurtherAdditions) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<HeavyHitters> parts(2 + random() % 30, HeavyHitters(32));
    const size_t merge_from = stream_.size() / 2;
    for (size_t i = 0; i < stream_.size(); ++i) {
      // Runs of successive updates, so that parts see different keys.
      parts[(i / 100) % parts.size()].add(stream_[i].key, stream_[i].weight);
      if (i >= merge_from && i % 500 == 0 && parts.size() > 1) {
        std::swap(parts[random() % parts.size()], parts.back());
        const HeavyHitters last = parts.back();
        parts.pop_back();
        parts[random() % parts.size()].merge(last);
      }
    }
    while (parts.size() > 1) {
      parts[parts.size() - 2].merge(parts.back());
      parts.pop_back();
    }
    expect_bounds(parts[0]);
  }
}

TEST_P(HardStream, MergesToTheSameBytesEitherWay) {
  HeavyHitters a(32), b(32);
  for (size_t i = 0; i < stream_.size(); ++i) (i < stream_.size() / 3 ? a : b).add(stream_[i].key, stream_[i].weight);
  HeavyHitters ab = a, ba = b;
  ab.merge(b);
  ba.merge(a);
  EXPECT_EQ(to_bytes(ab), to_bytes(ba));
}

TEST(HeavyHitters, AreExactWhileKeysFit) {
  HeavyHitters a(10), b(10), c(10), whole(10);
  for (int i = 0; i < 90; ++i) {
    const std::string key = "k" + std::to_string(i % 9);
    (i % 3 == 0 ? a : i % 2 == 0 ? b : c).add(key, i);
    whole.add(key, i);
  }
  c.merge(a);
  c.merge(b);
  EXPECT_EQ(c.absent_bound(), 0);
  EXPECT_EQ(c.top(9), whole.top(9));
  EXPECT_EQ(c.top(1)[0].estimate, c.top(1)[0].guaranteed);
}

TEST(HeavyHitters, TellWhichKeysAreCertainlyHeavy) {
  HeavyHitters sketch(8);
  for (int i = 0; i < 1000; ++i) sketch.add(i % 2 == 0 ? "half" : "rare" + std::to_string(i));
  const auto heavy = sketch.certainly_above(0.3);
  ASSERT_EQ(heavy.size(), 1u);
  EXPECT_EQ(heavy[0].key, "half");
  EXPECT_EQ(heavy[0].guaranteed, 500);
}

TEST(HeavyHitters, IgnoreWeightsThatAreNotPositive) {
  HeavyHitters sketch;
  sketch.add("a", -1);
  sketch.add("a", 0);
  sketch.add("a", NAN);
  EXPECT_TRUE(sketch.empty());
  EXPECT_EQ(sketch.total(), 0);
}

TEST(HeavyHitters, ComeBackFromTheirBytesAndGoOnAlike) {
  HeavyHitters sketch(16);
  for (int i = 0; i < 500; ++i) sketch.add("k" + std::to_string(i * i % 61), 1 + i % 4 * 0.25);
  auto back = from_bytes<HeavyHitters>(to_bytes(sketch));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_bytes(*back), to_bytes(sketch));
  for (int i = 0; i < 200; ++i) {
    sketch.add("n" + std::to_string(i));
    back->add("n" + std::to_string(i));
  }
  EXPECT_EQ(to_bytes(*back), to_bytes(sketch));
}

TEST(HeavyHitters, RefuseAnotherVersion) {
  std::string bytes = to_bytes(HeavyHitters());
  bytes[0] = 3;
  EXPECT_EQ(from_bytes<HeavyHitters>(bytes).error().code, "unknown_version");
}

TEST(HeavyHitters, ReadDamagedBytesAsAnErrorOrAsSomeSketch) {
  HeavyHitters sketch(16);
  for (int i = 0; i < 100; ++i) sketch.add("key" + std::to_string(i % 20), 1.5);
  for_each_damage(to_bytes(sketch), [&](const std::string& damaged) {
    auto back = from_bytes<HeavyHitters>(damaged);
    if (!back) return;
    for (int i = 0; i < 20; ++i) back->add(std::to_string(i));
    if (back->capacity() == sketch.capacity()) back->merge(sketch);
    EXPECT_TRUE(from_bytes<HeavyHitters>(to_bytes(*back)).ok());
  });
}

}  // namespace
}  // namespace tidewatch
