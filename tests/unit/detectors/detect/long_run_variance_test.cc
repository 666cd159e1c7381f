#include "detectors/detect/long_run_variance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {
namespace {

constexpr unsigned kByHour = 60;

/// Minutes of `hours` hours: independent scores of variance 1, and an error common to each hour.
LongRunVariance of_minutes(Traffic& traffic, unsigned hours, double common) {
  LongRunVariance out;
  for (unsigned hour = 0; hour < hours; ++hour) {
    const double error = common * traffic.normal();
    for (unsigned i = 0; i < kByHour; ++i) out.learn(traffic.normal() + error, 1, hour % 24, 1);
  }
  return out;
}

TEST(LongRunVariance, OfIndependentScoresIsTheirOwn) {
  Traffic traffic(1);
  EXPECT_NEAR(of_minutes(traffic, 14 * 24, 0).value(1), 1, 0.15);
}

TEST(LongRunVariance, SeesTheErrorThatAnHourHasInCommon) {
  // 1 + 60 * 0.15², in which consecutive scores correlate by no more than 0.02.
  Traffic traffic(2);
  EXPECT_NEAR(of_minutes(traffic, 14 * 24, 0.15).value(1), 2.35, 0.4);
}

TEST(LongRunVariance, OfScoresThatRememberIsThatOfTheirSums) {
  Traffic traffic(3);
  LongRunVariance of;
  double state = 0;
  for (unsigned i = 0; i < 14 * 288; ++i) {
    state = 0.5 * state + std::sqrt(0.75) * traffic.normal();
    of.learn(state, 1, i / 12 % 24, 1);
  }
  EXPECT_NEAR(of.value(1), 3, 0.5) << "(1 + 0.5) / (1 - 0.5)";
}

TEST(LongRunVariance, BelievesTheBaselineUntilBatchesWereSeen) {
  LongRunVariance of;
  EXPECT_EQ(of.value(1), 1);
  EXPECT_EQ(of.value(4), 4);
  Traffic traffic(4);
  EXPECT_LT(of_minutes(traffic, 7 * 24, 0).value(4), 1.6);
}

TEST(LongRunVariance, AnIncidentIsNotHowTheSeriesIs) {
  Traffic traffic(5);
  LongRunVariance of = of_minutes(traffic, 14 * 24, 0);
  for (unsigned i = 0; i < 2 * kByHour; ++i) of.learn(8, 1, i / kByHour, 1);
  EXPECT_LT(of.value(1), 2.5) << "two hours three standard deviations up would be 540 alone";
  const double before = of.value(1);
  for (unsigned i = 0; i < 2 * kByHour; ++i) of.learn(8, 0, 2 + i / kByHour, 1);
  EXPECT_LE(of.value(1), before) << "what is not learnt says nothing";
}

TEST(LongRunVariance, IsTheSameAfterARestart) {
  Traffic traffic(6);
  LongRunVariance of = of_minutes(traffic, 30, 0.1);
  ByteWriter out;
  of.save(out);
  LongRunVariance restored;
  ByteReader in(out.bytes());
  ASSERT_TRUE(restored.load(in));
  for (LongRunVariance* each : {&of, &restored}) {
    Traffic same(7);
    for (unsigned i = 0; i < 100; ++i) each->learn(same.normal(), 1, i / 60 % 24, 1.5);
  }
  EXPECT_EQ(of.value(1.5), restored.value(1.5));
  ByteReader cut(std::string_view(out.bytes()).substr(0, 20));
  EXPECT_FALSE(restored.load(cut));
}

}  // namespace
}  // namespace tidewatch::testing
