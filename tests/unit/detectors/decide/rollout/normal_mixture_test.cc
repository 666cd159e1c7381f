#include "detectors/decide/rollout/normal_mixture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "sample_share.h"

namespace tidewatch {
namespace {

TEST(NormalMixture, IsTheIntegralOverTheHalfNormalPrior) {
  // By the midpoint rule, of the likelihood ratio against a mean of zero.
  for (const double estimate : {-0.3, 0.0, 0.2, 1.0}) {
    const double variance = 0.04;
    const double prior = 0.5;
    double integral = 0;
    constexpr int kSteps = 200'000;
    constexpr double kWidest = 8;
    for (int i = 0; i < kSteps; ++i) {
      const double mean = (i + 0.5) * kWidest / kSteps;
      const double density = 2 / std::sqrt(2 * M_PI * prior) * std::exp(-mean * mean / (2 * prior));
      integral += density * std::exp((2 * mean * estimate - mean * mean) / (2 * variance)) * kWidest / kSteps;
    }
    EXPECT_NEAR(log_evidence(estimate, variance, prior), std::log(integral), 1e-6) << estimate;
  }
}

TEST(NormalMixture, FarBelowZeroThereIsEverLessEvidence) {
  double last = log_evidence(0, 1, 1);
  for (double estimate = -0.5; estimate > -60; estimate -= 0.5) {
    const double now = log_evidence(estimate, 1, 1);
    EXPECT_LT(now, last) << estimate;
    EXPECT_GT(now, last - 1) << estimate << ": without a step";
    last = now;
  }
  EXPECT_LT(log_evidence(-1e6, 1e-6, 1), -20);
}

TEST(NormalMixture, OfAMeanOfZeroItSeldomExceedsTheLimitAtAnyLook) {
  const auto runs = static_cast<int>(sampled(2000));
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  int exceeded = 0;
  for (int run = 0; run < runs; ++run) {
    double sum = 0;
    for (int n = 1; n <= 1000; ++n) {
      sum += normal(random);
      if (log_evidence(sum / n, 1.0 / n, best_prior_variance(1.0 / 200, 0.05)) < -std::log(0.05)) continue;
      ++exceeded;
      break;
    }
  }
  // At most 5 % ever (Ville's inequality); about 2.5 % within this horizon.
  EXPECT_LE(exceeded, 2 + runs * 0.05);
  EXPECT_GE(exceeded, runs * 0.01 - 2);
}

}  // namespace
}  // namespace tidewatch
