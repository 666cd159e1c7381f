#include "detectors/estimate/rogan_gladen.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tidewatch {
namespace {

TEST(RoganGladen, UndoesTheChecksErrors) {
  // Of 1,000 items 200 are cases; the check finds 80 % of them and flags 10 % of the others: 160 + 80.
  const auto rate = *rogan_gladen({240, 1000}, {80, 100}, {10, 100});
  EXPECT_NEAR(rate.value, 0.2, 1e-12);
  EXPECT_NEAR(rate.uncorrected, 0.24, 1e-12);
  EXPECT_TRUE(rate.interval.contains(0.2));
  // An interval of the flagged share alone would be (0.215, 0.267).
  EXPECT_GT(rate.interval.width(), 0.1);
}

TEST(RoganGladen, CoversTheRate) {
  constexpr int kRounds = 10'000;
  struct Setting {
    double rate, sensitivity, specificity;
    int items, cases, others;
  };
  for (const auto& [rate, sensitivity, specificity, items, cases, others] :
       {Setting{0.2, 0.8, 0.9, 1000, 100, 100}, Setting{0.05, 0.7, 0.95, 5000, 100, 200},
        Setting{0.5, 0.9, 0.9, 500, 50, 50}, Setting{0.02, 0.9, 0.98, 20000, 100, 500}}) {
    std::mt19937_64 random(1);
    std::binomial_distribution<int> flagged(items, rate * sensitivity + (1 - rate) * (1 - specificity));
    std::binomial_distribution<int> of_cases(cases, sensitivity);
    std::binomial_distribution<int> of_others(others, 1 - specificity);
    int covered = 0;
    for (int round = 0; round < kRounds; ++round) {
      const auto found = *rogan_gladen({static_cast<double>(flagged(random)), static_cast<double>(items)},
                                       {static_cast<double>(of_cases(random)), static_cast<double>(cases)},
                                       {static_cast<double>(of_others(random)), static_cast<double>(others)});
      covered += found.interval.contains(rate) ? 1 : 0;
    }
    // The paper's own simulations cover 94 to 97 %.
    const double coverage = covered / static_cast<double>(kRounds);
    SCOPED_TRACE(fmt::format("rate {}, sensitivity {}, specificity {}", rate, sensitivity, specificity));
    EXPECT_GE(coverage, 0.94);
    EXPECT_LE(coverage, 0.975);
  }
}

TEST(RoganGladen, StaysWithinARate) {
  // Flags less often than it errs on non-cases: the plain formula is below 0.
  const auto rate = *rogan_gladen({20, 1000}, {80, 100}, {10, 100});
  EXPECT_EQ(rate.value, 0);
  EXPECT_EQ(rate.interval.low, 0);
  EXPECT_GE(rate.interval.high, 0);
}

TEST(RoganGladen, RefusesChecksThatTellNothing) {
  using testing::HasSubstr;
  EXPECT_THAT(rogan_gladen({240, 1000}, {10, 100}, {10, 100}).error().message, HasSubstr("no rate can be told"));
  EXPECT_THAT(rogan_gladen({240, 100}, {80, 100}, {10, 100}).error().message, HasSubstr("flagged items: 240 of 100"));
  EXPECT_THAT(rogan_gladen({24, 100}, {0, 0}, {10, 100}).error().message, HasSubstr("flagged of the cases: 0 of 0"));
  EXPECT_FALSE(rogan_gladen({24, 100}, {8, 10}, {-1, 10}).ok());
  EXPECT_FALSE(rogan_gladen({NAN, 100}, {8, 10}, {1, 10}).ok());
}

}  // namespace
}  // namespace tidewatch
