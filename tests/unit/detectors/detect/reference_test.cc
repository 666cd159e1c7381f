#include "detectors/detect/reference.h"

#include <gtest/gtest.h>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// Plays windows against what a test set showed.
struct Compared {
  std::unique_ptr<Detector> detector;
  Observation reference;
  size_t index = 0;

  Compared(const Observation& of_test_set, const DetectorSettings& settings)
      : detector(make_detector("reference", settings).value()), reference(of_test_set) {}
  Verdict look(const Observation& seen, Direction direction = Direction::either) const {
    return detector->score(window_at(index, {&seen, 1}), {.direction = direction, .reference = {&reference, 1}});
  }
  Verdict pass(const Observation& seen) {
    const Verdict verdict = look(seen);
    detector->learn(window_at(index++, {&seen, 1}), {.anomalous = verdict.surprise >= kAlertBits});
    return verdict;
  }
};

TEST(Reference, WithoutOneNothingIsJudged) {
  const Playback run({}, "reference");
  EXPECT_EQ(run.look(rate(5, 100)).judgement, Judgement::missing);
  const Compared other_kind(mean(1.0, 0.1, 100), {});
  EXPECT_EQ(other_kind.look(rate(5, 100)).judgement, Judgement::missing);
}

TEST(Reference, ProductionThatHasAlwaysBeenWorseThanTheTestSetIsSeen) {
  Traffic traffic(1);
  Compared run(rate(40, 2000), {{"tolerance", "0.2"}});  // 2 % in the test set
  Verdict last;
  for (int i = 0; i < 300; ++i) last = run.pass(traffic.rate_window(0.06, 1000, 0.1));
  EXPECT_EQ(last.judgement, Judgement::scored);
  EXPECT_GT(last.surprise, 10);
  EXPECT_EQ(last.direction, Direction::up);
  EXPECT_DOUBLE_EQ(last.expected, 0.02);
  EXPECT_GT(last.effect, 1.0);
  // The baseline of the past calls the same window usual.
  Playback past;
  for (int i = 0; i < 300; ++i) past.pass(traffic.rate_window(0.06, 1000, 0.1));
  EXPECT_LT(past.look(traffic.rate_window(0.06, 1000, 0.1)).surprise, 8);
}

TEST(Reference, WhatIsToleratedIsNoSurprise) {
  Traffic traffic(2);
  for (const auto& setting : {std::pair("tolerance", "0.5"), std::pair("tolerance_absolute", "0.011")}) {
    Compared run(rate(2000, 100000), {{setting.first, setting.second}});
    size_t beyond = 0;
    for (int i = 0; i < 500; ++i) beyond += run.pass(traffic.rate_window(0.03, 1000, 0.1)).surprise > 8 ? 1 : 0;
    EXPECT_LE(beyond, 8U) << setting.first;  // 2 expected at the very end of the tolerance
  }
}

TEST(Reference, ASmallTestSetIsUncertain) {
  const DetectorSettings settings{{"tolerance", "0"}};
  const double small = Compared(rate(1, 50), settings).look(rate(60, 1000)).surprise;
  const double large = Compared(rate(1000, 50000), settings).look(rate(60, 1000)).surprise;
  EXPECT_LT(small, 6);
  EXPECT_GT(large, small + 10);
  // None of 50 is no proof that it never happens.
  EXPECT_LT(Compared(rate(0, 50), settings).look(rate(20, 1000)).surprise, 8);
}

TEST(Reference, ValuesThatVaryByThemselvesAreGivenRoom) {
  Traffic traffic(3);
  Compared calm(mean(1.0, 0.001, 5000), {{"tolerance", "0"}, {"season", "false"}});
  Compared restless(mean(1.0, 0.001, 5000), {{"tolerance", "0"}, {"season", "false"}});
  for (int i = 0; i < 500; ++i) {
    calm.pass(traffic.value_window(1.0, 500, 1.0, 0.02));
    restless.pass(traffic.value_window(1.0, 500, 1.0, 0.3));
  }
  const Observation slow = mean(1.5, 0.05, 500);
  EXPECT_GT(calm.look(slow).surprise, kAlertBits);
  EXPECT_LT(restless.look(slow).surprise, 8);
}

TEST(Reference, OnlyTheSideThatCounts) {
  const Compared run(mean(1.0, 0.01, 1000), {});
  EXPECT_GT(run.look(mean(2.0, 0.01, 1000), Direction::up).surprise, 3);
  EXPECT_LT(run.look(mean(2.0, 0.01, 1000), Direction::down).surprise, 0.1);
}

TEST(Reference, VolumesAreRefused) {
  EXPECT_FALSE(check_kind("reference", MeasureKind::sum).ok());
  EXPECT_FALSE(check_kind("reference", MeasureKind::distinct).ok());
  EXPECT_TRUE(check_kind("reference", MeasureKind::rate).ok());
}

TEST(SurpriseOfDifference, CountsTheErrorOfBothSides) {
  EXPECT_EQ(surprise_of_difference(rate(5, 100), mean(1, 0.1, 10)), 0);
  EXPECT_LT(surprise_of_difference(rate(5, 100), rate(4, 100)), 2);
  EXPECT_GT(surprise_of_difference(rate(200, 1000), rate(20, 1000)), 40);
  EXPECT_GT(surprise_of_difference(mean(1.5, 0.02, 400), mean(1.0, 0.02, 400)), 40);
}

TEST(SurpriseOfDifference, IsCalibrated) {
  Traffic traffic(4);
  size_t beyond = 0;
  constexpr int kRuns = 20000;
  for (int i = 0; i < kRuns; ++i)
    beyond += surprise_of_difference(traffic.rate_window(0.1, 400, 0), traffic.rate_window(0.1, 600, 0)) > 5 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(beyond) / kRuns, 1.0 / 32, 0.25 / 32);
}

}  // namespace
}  // namespace tidewatch::testing
