#include <gtest/gtest.h>

#include <functional>

#include "detectors/detect/predictive.h"
#include "unit/detectors/baseline/learner.h"

namespace tidewatch::testing {
namespace {

double days(size_t index) { return static_cast<double>(index) / kDay; }

/// A kind of window at a multiple of its usual level.
struct Kind {
  const char* name;
  double usual;
  std::function<Observation(Traffic&, double level)> window;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class SlowDrift : public ::testing::TestWithParam<Kind> {
 protected:
  Learner learner_;
  Traffic traffic_{21};

  void pass(double level, Lesson lesson = {}) { learner_.pass(GetParam().window(traffic_, level), lesson); }
  double expected() { return learner_.predict(GetParam().window(traffic_, 1)).expected; }
};

TEST_P(SlowDrift, IsFollowedWithoutLag) {
  while (learner_.index < 14 * kDay) pass(1);
  const double by_day = 0.03;
  const auto level = [&] { return std::exp(by_day * (days(learner_.index) - 14)); };
  while (learner_.index < 35 * kDay) pass(level());
  double error = 0;
  const size_t begin = learner_.index;
  while (learner_.index < begin + 3 * kDay) {
    pass(level());
    error += std::log(expected() / GetParam().usual / level()) / (3 * kDay);
  }
  // A level with a half-life of three days alone would lag by 4.3 days, 13 %.
  EXPECT_NEAR(error, 0, 0.035);
}

TEST_P(SlowDrift, ThatEndsIsNotDrawnOn) {
  const auto level = [&] { return std::exp(0.03 * std::min(days(learner_.index), 28.0)); };
  while (learner_.index < 42 * kDay) pass(level());
  double drawn_on = 0;
  for (size_t i = 0; i < kDay; ++i, pass(level())) drawn_on += std::log(expected()) / kDay;
  double settled = 0;
  while (learner_.index < 70 * kDay) pass(level());
  for (size_t i = 0; i < kDay; ++i, pass(level())) settled += std::log(expected()) / kDay;
  EXPECT_NEAR(drawn_on, settled, 0.03);
}

TEST_P(SlowDrift, IsNotSeenWhereThereIsNone) {
  double squares = 0;
  while (learner_.index < 14 * kDay) pass(1);
  while (learner_.index < 42 * kDay) {
    pass(1);
    squares += std::pow(std::log(expected() / GetParam().usual), 2) / (28 * kDay);
  }
  // The season's own error is the most of it.
  EXPECT_LT(std::sqrt(squares), 0.045);
}

TEST_P(SlowDrift, AnIncidentIsNone) {
  learner_.params.season = false;
  while (learner_.index < 14 * kDay) pass(1);
  const double usual = expected();
  for (size_t i = 0; i < kDay - 24; ++i) pass(2, {.weight = 0.02, .anomalous = true});
  EXPECT_NEAR(std::log(expected() / usual), 0, 0.03) << "it was learnt";
  while (learner_.index < 18 * kDay) pass(1);
  EXPECT_NEAR(std::log(expected() / usual), 0, 0.03);
}

const auto kKinds = ::testing::Values(
    Kind{"rate", 0.02, [](Traffic& traffic, double level) { return traffic.rate_window(0.02 * level, 1500, 0.1); }},
    Kind{"sum", 150, [](Traffic& traffic, double level) { return traffic.count_window(150 * level, 0.1); }},
    Kind{"mean", 1.2, [](Traffic& traffic, double level) { return traffic.value_window(1.2 * level, 300, 1, 0.05); }},
    Kind{"plain", 100,
         [](Traffic& traffic, double level) { return mean(100 * level * std::exp(0.1 * traffic.normal()), 0, 1); }});
std::string name_of_kind(const ::testing::TestParamInfo<Kind>& tested) { return tested.param.name; }
INSTANTIATE_TEST_SUITE_P(Kinds, SlowDrift, kKinds, name_of_kind);

/// Share of windows inside of the forecast's interval.
double coverage_of_forecasts(const std::function<double(size_t index)>& spread) {
  Learner learner;
  Traffic traffic(5);
  double covered = 0;
  double windows = 0;
  while (learner.index < 28 * kDay) {
    const Observation seen = mean(100 * std::exp(spread(learner.index) * traffic.normal()), 0, 1);
    if (learner.index > 7 * kDay) {
      const Interval interval =
          predictive_interval(learner.baseline.forecast(learner.params, seen, learner.slot()), seen);
      covered += interval.low <= seen.value && seen.value <= interval.high;
      windows += 1;
    }
    learner.pass(seen);
  }
  return covered / windows;
}

TEST(Coverage, OfForecastsHoldsThroughBurstsOfVariation) {
  // Six hours calm, five wild, at no fixed hours: intervals of one width would hold in 89 %.
  EXPECT_NEAR(coverage_of_forecasts([](size_t i) { return i / 12 % 11 < 6 ? 0.03 : 0.3; }), 0.95, 0.015);
  EXPECT_NEAR(coverage_of_forecasts([](size_t) { return 0.1; }), 0.95, 0.01);
}

TEST(Coverage, HoldsOverAnySequence) {
  Coverage coverage;
  Traffic traffic(6);
  double outside = 0;
  for (int i = 0; i < 20'000; ++i) {
    // Heavy tails whose scale jumps by three.
    const double value = (i / 500 % 2 == 0 ? 1 : 3) * traffic.normal() / std::sqrt(traffic.uniform());
    const bool is_outside = std::abs(value) > 1.96 * coverage.stretch();
    outside += is_outside;
    coverage.learn(is_outside);
  }
  EXPECT_NEAR(outside / 20'000, 0.05, 0.002);
}

}  // namespace
}  // namespace tidewatch::testing
