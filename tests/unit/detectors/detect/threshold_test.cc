#include <gtest/gtest.h>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

Verdict look(const DetectorSettings& limits, const Observation& seen, Direction direction = Direction::either) {
  return Playback(limits, "threshold").look(seen, direction);
}

/// What the lifecycle compares.
bool is_beyond(const DetectorSettings& limits, const Observation& seen) {
  const Playback run(limits, "threshold");
  return run.look(seen).surprise >= run.detector->alert_needs({}).surprise;
}

TEST(Threshold, WithoutConfidenceItIsThePlainComparison) {
  const DetectorSettings five_percent{{"above", "5%"}};
  for (const double trials : {1.0, 3.0, 20.0, 100.0, 1000.0, 77777.0})
    for (double successes = 0; successes <= trials; successes += std::max(1.0, std::floor(trials / 40)))
      EXPECT_EQ(is_beyond(five_percent, rate(successes, trials)), successes / trials > 0.05)
          << successes << " of " << trials;
  EXPECT_FALSE(is_beyond({{"above", "2"}}, mean(2, 0.1)));
  EXPECT_TRUE(is_beyond({{"above", "2"}}, mean(2.000001, 0.1)));
  EXPECT_TRUE(is_beyond({{"below", "100"}}, count(99)));
  EXPECT_FALSE(is_beyond({{"below", "100"}}, count(100)));
}

TEST(Threshold, ConfidenceLetsSmallSamplesPass) {
  const DetectorSettings sure{{"above", "5%"}, {"confidence", "0.99"}};
  // P(rate <= 5 %) given the window, by Beta(successes + 1/2, failures + 1/2):
  EXPECT_FALSE(is_beyond(sure, rate(1, 3)));     // 0.045
  EXPECT_FALSE(is_beyond(sure, rate(6, 100)));   // 0.3
  EXPECT_FALSE(is_beyond(sure, rate(10, 100)));  // 0.02
  EXPECT_TRUE(is_beyond(sure, rate(15, 100)));   // 7e-5
  EXPECT_TRUE(is_beyond(sure, rate(70, 1000)));  // 0.003
}

TEST(Threshold, BothSidesOfARangeAreWatched) {
  const DetectorSettings range{{"above", "10"}, {"below", "2"}};
  EXPECT_FALSE(is_beyond(range, mean(5, 0.01)));
  const Verdict high = look(range, mean(12, 0.5));
  EXPECT_EQ(high.direction, Direction::up);
  EXPECT_EQ(high.expected, 10);
  EXPECT_NEAR(high.effect, 0.2, 1e-9);
  EXPECT_EQ(high.expected_low, 2);
  EXPECT_EQ(high.expected_high, 10);
  const Verdict low = look(range, mean(1, 0.5));
  EXPECT_EQ(low.direction, Direction::down);
  EXPECT_EQ(low.expected, 2);
  EXPECT_EQ(look(range, mean(1, 0.5), Direction::up).surprise, 0) << "1 is surely not above 10";
}

TEST(Threshold, WithoutDataOrLimitThereIsNoJudgement) {
  EXPECT_EQ(look({{"above", "1"}}, nothing(MeasureKind::distribution)).judgement, Judgement::missing);
  EXPECT_EQ(look({}, mean(5, 0.1)).judgement, Judgement::missing);
  EXPECT_EQ(look({{"above", "1"}}, mean(5, 0.1), Direction::down).judgement, Judgement::missing);
}

TEST(Threshold, ALimitNeedsNoBudgetOfFalseAlarms) {
  const AlertNeeds asked{.surprise = 40, .effect = 0.5, .effect_absolute = 3};
  const Playback plain({{"above", "1"}}, "threshold");
  EXPECT_EQ(plain.detector->alert_needs(asked).surprise, 1);
  EXPECT_EQ(plain.detector->alert_needs(asked).effect, 0);
  EXPECT_EQ(plain.detector->alert_needs(asked).effect_absolute, 0);
  EXPECT_NEAR(Playback({{"confidence", "0.99"}}, "threshold").detector->alert_needs(asked).surprise, std::log2(100.0),
              1e-9);
}

TEST(Threshold, LimitsThatAllowNothingAreRefused) {
  const auto made = make_detector("threshold", {{"above", "1"}, {"below", "2"}});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, "bad_value");
  EXPECT_TRUE(make_detector("threshold", {{"above", "2"}, {"below", "1"}}).ok());
}

TEST(Threshold, AValueWithoutKnownErrorIsCertain) {
  EXPECT_EQ(look({{"above", "1"}}, mean(1.1, 0)).surprise, kMaxSurprise);
  EXPECT_LT(look({{"above", "1"}}, mean(0.9, 0)).surprise, 1e-9);
}

}  // namespace
}  // namespace tidewatch::testing
