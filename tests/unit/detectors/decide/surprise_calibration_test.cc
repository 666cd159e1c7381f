#include "detectors/decide/surprise_calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tidewatch {
namespace {

constexpr double kNeeded = 17.6;

/// Independent windows whose claimed surprise has an exponential tail: P(beyond b bits) = 2^(-slope · b).
class Windows {
 public:
  explicit Windows(double slope, uint64_t seed = 1) : slope_(slope), engine_(seed) {}
  double next() { return -std::log2((static_cast<double>(engine_() >> 11) + 0.5) * 0x1.0p-53) / slope_; }

 private:
  double slope_;
  std::mt19937_64 engine_;
};

/// Claimed bits that an alert needs.
double threshold(const SurpriseCalibration& calibration) {
  double bits = 0;
  while (calibration.calibrated(bits) < kNeeded) bits += 0.01;
  return bits;
}

SurpriseCalibration learnt(double slope, int windows, uint64_t seed = 1) {
  SurpriseCalibration out;
  Windows draw(slope, seed);
  for (int i = 0; i < windows; ++i) out.learn(draw.next(), kNeeded, false);
  return out;
}

/// An alert of so many windows, and the calm after it.
void alert(SurpriseCalibration& calibration, int windows, double bits) {
  for (int i = 0; i < windows; ++i) calibration.learn(bits, kNeeded, true);
  calibration.learn(0, kNeeded, false);
}

TEST(SurpriseCalibration, BeforeAnythingIsLearntTheClaimIsTaken) {
  const SurpriseCalibration calibration;
  for (const double bits : {0.0, 1.0, 5.0, 8.0, 17.6, 30.0, 1000.0})
    EXPECT_NEAR(calibration.calibrated(bits), bits, 1e-9);
}

TEST(SurpriseCalibration, IsContinuousAndNeverFalls) {
  for (const double slope : {0.4, 0.7, 1.0, 1.5}) {
    const SurpriseCalibration calibration = learnt(slope, 20'000);
    double before = 0;
    for (double bits = 0; bits < 60; bits += 0.01) {
      const double now = calibration.calibrated(bits);
      EXPECT_GE(now, before) << bits;
      EXPECT_LE(now, before + 0.02) << bits;
      before = now;
    }
  }
}

TEST(SurpriseCalibration, KeepsClaimsThatTheSeriesBearsOut) {
  // 20,000 windows show the tail up to 14 bits; beyond it is extrapolated, a bit or two of which are chance.
  double sum = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) sum += threshold(learnt(1.0, 20'000, seed));
  EXPECT_NEAR(sum / 20, kNeeded, 1.0);
}

TEST(SurpriseCalibration, AsksForAsManyBitsAsAnExaggeratingSeriesMakesOfItsQuiet) {
  // 0.7: 17.6 bits are claimed every 5,100 windows; the windows that are once in 2^17.6 claim 25.
  double sum = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) sum += threshold(learnt(0.7, 20'000, seed));
  EXPECT_NEAR(sum / 20, kNeeded / 0.7, 2.5);
}

TEST(SurpriseCalibration, ADayIsTooShortToChangeMuch) {
  double sum = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const double bits = threshold(learnt(1.0, 288, seed));
    EXPECT_LE(bits, kNeeded + 3.5);
    sum += bits;
  }
  EXPECT_LE(sum / 50, kNeeded + 0.8);
}

TEST(SurpriseCalibration, AQuietPastIsNoReasonToAlertEarlier) {
  SurpriseCalibration calibration;
  for (int i = 0; i < 50'000; ++i) calibration.learn(0.5, kNeeded, false);
  for (const double bits : {2.0, 5.0, 8.0, 17.6, 40.0}) EXPECT_NEAR(calibration.calibrated(bits), bits, 1e-9);
}

TEST(SurpriseCalibration, AnIncidentIsOneEpisodeHoweverLongAndHoweverSurprising) {
  SurpriseCalibration brief = learnt(1.0, 4000);
  SurpriseCalibration huge = brief;
  SurpriseCalibration still = brief;
  alert(brief, 1, 18);
  alert(huge, 1, 900);
  EXPECT_NEAR(threshold(brief), threshold(huge), 1e-3);
  // A day of it: the same, but for what a day forgets.
  alert(still, 288, 900);
  EXPECT_NEAR(threshold(brief), threshold(still), 0.5);
}

TEST(SurpriseCalibration, IncidentsRaiseTheirOwnThresholdWithinBounds) {
  SurpriseCalibration calibration = learnt(1.0, 4000);
  const double before = threshold(calibration);
  alert(calibration, 10, 100);
  EXPECT_LE(threshold(calibration), before + 6);
  for (int day = 0; day < 100; ++day) {
    alert(calibration, 10, 100);
    for (int i = 0; i < 300; ++i) calibration.learn(1, kNeeded, false);
  }
  EXPECT_LE(threshold(calibration), 60);
}

TEST(SurpriseCalibration, ASeriesThatExplodedRecovers) {
  double before = 0;
  double exploded = 0;
  double after = 0;
  constexpr uint64_t kSeeds = 20;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SurpriseCalibration calibration = learnt(1.0, 4000, seed);
    before += threshold(calibration) / kSeeds;
    for (int day = 0; day < 10; ++day) {
      alert(calibration, 5, 200);
      for (int i = 0; i < 300; ++i) calibration.learn(1, kNeeded, false);
    }
    exploded += threshold(calibration) / kSeeds;
    Windows quiet(1.0, 1000 + seed);
    for (int i = 0; i < 26 * 2016; ++i) calibration.learn(quiet.next(), kNeeded, false);  // half a year
    after += threshold(calibration) / kSeeds;
  }
  EXPECT_GT(exploded, before + 5);
  EXPECT_LE(after, before + 2);
}

TEST(SurpriseCalibration, AnExplosionThatFlickersIsOneIncident) {
  SurpriseCalibration once = learnt(1.0, 4000);
  SurpriseCalibration flickering = once;
  alert(once, 5, 200);
  for (int i = 0; i < 30; ++i) alert(flickering, 5, 200);
  EXPECT_NEAR(threshold(once), threshold(flickering), 0.5);
}

TEST(SurpriseCalibration, RestoredItSaysTheSame) {
  SurpriseCalibration calibration = learnt(0.8, 3000);
  calibration.learn(9, kNeeded, false);  // within an episode
  ByteWriter out;
  calibration.save(out);
  SurpriseCalibration restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_TRUE(in.at_end());
  Windows draw(0.8, 3);
  for (int i = 0; i < 500; ++i) {
    const double bits = draw.next();
    EXPECT_EQ(restored.calibrated(bits), calibration.calibrated(bits));
    restored.learn(bits, kNeeded, false);
    calibration.learn(bits, kNeeded, false);
  }
}

TEST(SurpriseCalibration, RefusesDamagedState) {
  ByteWriter out;
  learnt(0.8, 3000).save(out);
  const std::string good = out.bytes();
  const auto load = [](const std::string& bytes) {
    SurpriseCalibration into;
    ByteReader in(bytes);
    return into.load(in);
  };
  for (size_t size = 0; size < good.size(); ++size) EXPECT_EQ(load(good.substr(0, size)).error().code, "corrupt");
  std::string other = good;
  other[0] = 99;
  EXPECT_EQ(load(other).error().code, "unknown_version");
  other = good;
  other[1] = 2;  // neither censored nor not
  EXPECT_EQ(load(other).error().code, "corrupt");
}

TEST(SurpriseCalibration, ContributionsStillAddUp) {
  const SurpriseCalibration calibration = learnt(0.6, 20'000);
  Verdict verdict;
  verdict.surprise = 30;
  verdict.contributions = {{0, 20}, {1, 10}};
  calibration.apply(verdict);
  EXPECT_LT(verdict.surprise, 30);
  EXPECT_NEAR(verdict.contributions[0].bits + verdict.contributions[1].bits, verdict.surprise, 1e-9);
}

}  // namespace
}  // namespace tidewatch
