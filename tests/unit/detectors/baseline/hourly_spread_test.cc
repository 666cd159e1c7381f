#include <gtest/gtest.h>

#include <functional>

#include "detectors/detect/predictive.h"
#include "unit/detectors/baseline/learner.h"

namespace tidewatch::testing {
namespace {

bool is_day(size_t index) { return index % kDay / 12 >= 8 && index % kDay / 12 < 20; }

/// Share of windows inside of the interval of what is normal, and its mean width on the logarithm.
struct Inside {
  double covered = 0, width = 0, windows = 0;
  void take(const Learner& learner, const Observation& seen) {
    const Interval interval = predictive_interval(learner.predict(seen), seen);
    covered += interval.low <= seen.value && seen.value <= interval.high;
    width += std::log(std::max(interval.high, 1e-9) / std::max(interval.low, 1e-9));
    windows += 1;
  }
  double coverage() const { return covered / windows; }
  double mean_width() const { return width / windows; }
};

struct DayAndNight {
  Inside day, night;
};

DayAndNight learn_weeks(const std::function<Observation(size_t index)>& window) {
  Learner learner;
  DayAndNight out;
  while (learner.index < 28 * kDay) {
    const Observation seen = window(learner.index);
    if (learner.index >= 14 * kDay) (is_day(learner.index) ? out.day : out.night).take(learner, seen);
    learner.pass(seen);
  }
  return out;
}

TEST(HourlySpread, IntervalsAreAsWideAsTheirHourNeeds) {
  Traffic traffic(1);
  const auto seen = learn_weeks(
      [&](size_t index) { return mean(100 * std::exp((is_day(index) ? 0.08 : 0.2) * traffic.normal()), 0, 1); });
  // One width for all hours would cover 99.9 % of the days and 87 % of the nights.
  EXPECT_NEAR(seen.day.coverage(), 0.95, 0.025);
  EXPECT_NEAR(seen.night.coverage(), 0.95, 0.02);
  EXPECT_NEAR(seen.night.mean_width() / seen.day.mean_width(), 2.5, 0.3);
}

TEST(HourlySpread, CountsToo) {
  Traffic traffic(2);
  const auto seen = learn_weeks([&](size_t index) { return traffic.count_window(400, is_day(index) ? 0.1 : 0.3); });
  EXPECT_NEAR(seen.day.coverage(), 0.95, 0.04);
  EXPECT_NEAR(seen.night.coverage(), 0.95, 0.04);
}

TEST(HourlySpread, HoursThatVaryAlikeAreNotToldApart) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Traffic traffic(seed);
    HourlySpread spread;
    for (size_t i = 0; i < 28 * kDay; ++i) {
      const double normal = traffic.normal();
      spread.learn(static_cast<unsigned>(i / 12 % 24), normal * normal, 0.25, std::exp2(-1.0 / (42 * 12)));
    }
    for (unsigned hour = 0; hour < 24; ++hour) EXPECT_NEAR(spread.factor(hour), 1, 0.15) << "seed " << seed;
  }
}

TEST(HourlySpread, OneWildWindowIsNotAWildHour) {
  HourlySpread spread;
  Traffic traffic(3);
  for (size_t i = 0; i < 14 * kDay; ++i) {
    const double normal = traffic.normal();
    spread.learn(static_cast<unsigned>(i / 12 % 24), i == 7 * kDay ? 1e9 : normal * normal, 0.25, 1);
  }
  EXPECT_LT(spread.factor(0), 1.3);
}

TEST(HourlySpread, SurvivesARestartAndRefusesDamage) {
  HourlySpread spread;
  for (unsigned i = 0; i < 24 * 500; ++i) spread.learn(i / 12 % 24, i / 12 % 24 < 12 ? 3 : 0.3, 1, 0.999);
  ByteWriter out;
  spread.save(out);
  HourlySpread restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  EXPECT_GT(spread.factor(3), 5 * spread.factor(15));
  for (unsigned hour = 0; hour < 24; ++hour) EXPECT_EQ(restored.factor(hour), spread.factor(hour));
  std::string damaged(out.bytes());
  damaged[0] = 23;
  ByteReader bad(damaged);
  EXPECT_FALSE(restored.load(bad));
}

}  // namespace
}  // namespace tidewatch::testing
