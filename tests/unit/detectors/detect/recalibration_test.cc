#include "detectors/detect/recalibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {
namespace {

constexpr double kPriorEvents = 10;

/// Tails of a window whose claims are exceeded 2^(-slope · b) times beyond b bits, on either side.
Tail draw(Traffic& traffic, double slope) {
  const double upper = traffic.uniform();
  const auto claimed = [&](double p) { return std::min(1.0, std::pow(2 * p, 1 / slope) / 2); };
  return {claimed(1 - upper), claimed(upper)};
}

Recalibration learnt(double slope, int windows, uint64_t seed = 1) {
  Recalibration out;
  Traffic traffic(seed);
  for (int i = 0; i < windows; ++i) out.learn(draw(traffic, slope), 1);
  return out;
}

/// What claimed bits are worth.
double worth(const Recalibration& recalibration, double bits, Direction asked = Direction::either) {
  const double p = std::exp2(-bits) / (asked == Direction::either ? 2 : 1);
  return surprise_of(recalibration.p_value({.lower = 1 - p, .upper = p}, asked, kPriorEvents));
}

TEST(Recalibration, BeforeAnythingIsLearntTheClaimIsTaken) {
  for (const double bits : {0.0, 1.0, 3.0, 8.0, 17.6, 40.0, 200.0}) EXPECT_NEAR(worth({}, bits), bits, 1e-9);
  EXPECT_EQ(Recalibration().p_value({.lower = 1, .upper = 0}, Direction::down, kPriorEvents), 1);
}

TEST(Recalibration, ClaimsTooWideOrTooNarrowAreExceededAsOftenAsTheySay) {
  // Half a year; three standard deviations of the number of windows beyond are 3 % at 3 bits and 40 % at 10.
  for (const double slope : {0.7, 0.85, 1.0, 1.2, 1.4}) {
    const Recalibration recalibration = learnt(slope, 52'416);
    for (const double bits : {3.0, 5.0, 7.0, 9.0, 10.0})
      EXPECT_NEAR(worth(recalibration, bits / slope), bits, 0.25) << slope << ", " << bits << " bits";
  }
}

TEST(Recalibration, EachSideIsMeasuredByItself) {
  Recalibration recalibration;
  Traffic traffic(1);
  for (int i = 0; i < 50'000; ++i) {
    const double p = traffic.uniform();
    recalibration.learn({.lower = std::max(1 - p, 0.2), .upper = p}, 1);  // as of a rate that is nearly always 0
  }
  EXPECT_NEAR(worth(recalibration, 8, Direction::up), 8, 0.3);
  EXPECT_NEAR(worth(recalibration, 7), 8, 0.3) << "one side alone takes half of what both would";
}

TEST(Recalibration, IsContinuousAndNeverFalls) {
  for (const double slope : {0.4, 0.8, 1.0, 1.6}) {
    const Recalibration recalibration = learnt(slope, 30'000);
    double before = 0;
    for (double bits = 0; bits < 60; bits += 0.01) {
      const double now = worth(recalibration, bits);
      EXPECT_GE(now, before - 1e-9) << bits;
      EXPECT_LE(now, before + 0.021) << bits;
      before = now;
    }
  }
}

TEST(Recalibration, BeyondWhatWasCountedNothingIsWorthMoreThanItsClaim) {
  const Recalibration cautious = learnt(1.3, 50'000);
  EXPECT_GT(worth(cautious, 9), 10.5);
  for (const double bits : {17.6, 20.0, 30.0}) EXPECT_NEAR(worth(cautious, bits), bits, 1e-9);
  // A deficit grows: 0.6 bits for each.
  const Recalibration exaggerating = learnt(0.6, 50'000);
  EXPECT_NEAR(worth(exaggerating, 30), 18, 2);
}

TEST(Recalibration, WhatIsUnderWayDoesNotArgueItselfAway) {
  Recalibration recalibration = learnt(1.0, 4000);
  recalibration.learn({.lower = 0.5, .upper = 0.5}, 1);  // what was under way is over
  const double before = worth(recalibration, 15);
  for (int i = 0; i < 50; ++i) recalibration.learn({.lower = 1, .upper = 1e-4}, 1);
  EXPECT_EQ(worth(recalibration, 15), before);
  recalibration.learn({.lower = 0.5, .upper = 0.5}, 1);
  EXPECT_LT(worth(recalibration, 15), before - 1);
}

TEST(Recalibration, ADayOfAnIncidentTakesLittle) {
  Recalibration recalibration = learnt(1.0, 4000);
  const double before = worth(recalibration, 20);
  for (int i = 0; i < 12; ++i) recalibration.learn({.lower = 1, .upper = 1e-5}, 1);       // until it alerts
  for (int i = 0; i < 288; ++i) recalibration.learn({.lower = 1, .upper = 1e-12}, 0.02);  // what series weigh anomalies
  recalibration.learn({.lower = 0.5, .upper = 0.5}, 1);
  EXPECT_GT(worth(recalibration, 20), before - 3);
  EXPECT_LT(worth(recalibration, 20), before);
}

TEST(Recalibration, RestoredItSaysTheSame) {
  Recalibration recalibration = learnt(0.8, 3000);
  ByteWriter out;
  recalibration.save(out);
  Recalibration restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_TRUE(in.at_end());
  Traffic traffic(3);
  for (int i = 0; i < 500; ++i) {
    const Tail tail = draw(traffic, 0.8);
    for (const Direction asked : {Direction::either, Direction::up, Direction::down})
      EXPECT_EQ(restored.p_value(tail, asked, kPriorEvents), recalibration.p_value(tail, asked, kPriorEvents));
    restored.learn(tail, 1);
    recalibration.learn(tail, 1);
  }
}

TEST(Recalibration, RefusesDamagedState) {
  ByteWriter out;
  learnt(1.0, 3000).save(out);
  const std::string good = out.bytes();
  const auto loads = [](const std::string& bytes) {
    ByteReader in(bytes);
    return Recalibration().load(in);
  };
  EXPECT_TRUE(loads(good));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(loads(good.substr(0, size))) << size;
  // More windows beyond some bits than there were windows.
  EXPECT_FALSE(loads(std::string(sizeof(float), '\0') + good.substr(sizeof(float))));
}

}  // namespace
}  // namespace tidewatch::testing
