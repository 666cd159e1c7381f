#include <gtest/gtest.h>

#include <cmath>

#include "detectors/detect/noncentral_hypergeometric.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// A canary of `own` requests by window beside `others`.
struct Beside {
  std::unique_ptr<Detector> detector;
  Traffic traffic;
  size_t index = 0;

  explicit Beside(uint64_t seed, const DetectorSettings& settings = {})
      : detector(make_detector("contrast", settings).value()), traffic(seed) {}

  Verdict pass(const Observation& seen, const Siblings& siblings, Direction direction = Direction::up) {
    Window window = window_at(index++, {&seen, 1});
    window.siblings = {&siblings, 1};
    const Verdict verdict = detector->score(window, {.direction = direction});
    detector->learn(window, {.anomalous = verdict.surprise >= kAlertBits});
    return verdict;
  }
  Verdict rates(double p, double n, double others_p, double others_n) {
    return pass(rate(traffic.binomial(n, p), n),
                {.together = rate(traffic.binomial(others_n, others_p), others_n), .split = {}});
  }
};

double choose(int n, int k) { return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1)); }

TEST(NoncentralHypergeometric, MomentsAreThoseOfTheSumOverAllWays) {
  const int size = 7;
  const int others = 20;
  const int marked = 5;
  for (const double theta : {-3.0, -0.4, 0.0, 0.7, 2.5}) {
    double plain = 0;
    double tilted = 0;
    double mean = 0;
    for (int x = 0; x <= marked; ++x) {
      const double ways = choose(size, x) * choose(others, marked - x);
      plain += ways;
      tilted += ways * std::exp(theta * x);
      mean += ways * std::exp(theta * x) * x;
    }
    const NoncentralHypergeometric law(2, size, 3, others);
    EXPECT_NEAR(law.log_moment(theta), std::log(tilted / plain), 1e-10) << theta;
    EXPECT_NEAR(law.moments(theta).mean, mean / tilted, 1e-10) << theta;
  }
  // At equal odds it is the hypergeometric law, whose variance is known.
  const double p = 5.0 / 27;
  EXPECT_NEAR(NoncentralHypergeometric(2, size, 3, others).moments(0).variance, size * p * (1 - p) * 20 / 26, 1e-10);
}

TEST(NoncentralHypergeometric, WhatCannotFallOtherwiseSaysNothing) {
  for (const auto& law : {NoncentralHypergeometric(0, 9, 0, 50), NoncentralHypergeometric(9, 9, 50, 50)}) {
    EXPECT_NEAR(2 * law.seen() - law.log_moment(2), 0, 1e-12);
    EXPECT_EQ(law.moments(1).variance, 0);
  }
}

TEST(NoncentralHypergeometric, OfMoreWaysThanAreCountedThereIsLessEvidence) {
  const auto evidence = [](double factor) {
    const NoncentralHypergeometric law(60 * factor, 1000 * factor, 200 * factor, 9000 * factor);
    return 0.7 * law.seen() - law.log_moment(0.7);
  };
  EXPECT_GT(evidence(1), 0);
  EXPECT_GT(evidence(10), 3.5 * evidence(1)) << "2,600 marks are counted as 1,024";
  EXPECT_NEAR(evidence(1e9), evidence(1e6), 1e-3 * evidence(1e6)) << "all that is believed";
  EXPECT_LT(evidence(1e9), 1024.0 / 60 * evidence(1) * 1.3);
}

TEST(Contrast, SeesACanaryThatRefusesMoreLongBeforeItHasAPast) {
  // 4 requests in five minutes, 14 % refused where the others refuse 2 %: what the demo's canary does.
  double windows = 0;
  constexpr int kSeeds = 40;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Beside run(seed);
    Verdict verdict;
    while (run.index < 200 && verdict.surprise < kAlertBits) verdict = run.rates(0.14, 4, 0.02, 36);
    ASSERT_GE(verdict.surprise, kAlertBits) << seed;
    EXPECT_GT(verdict.value, 2 * verdict.expected);
    windows += static_cast<double>(run.index) / kSeeds;
  }
  EXPECT_LT(windows, 36) << "three hours";
}

TEST(Contrast, SeesAFailingCanaryInItsSecondWindow) {
  Beside run(1);
  run.rates(1, 10, 0.02, 90);
  const Verdict verdict = run.rates(1, 10, 0.02, 90);
  EXPECT_GT(verdict.surprise, 15);
  EXPECT_EQ(verdict.value, 1);
  EXPECT_EQ(verdict.since_windows, 1U);
}

TEST(Contrast, WhatHappensToAllAlikeIsNoDifference) {
  // A provider that fails for an hour, now for a tenth and now for nine tenths of the requests of everybody.
  double most = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Beside run(seed);
    while (run.index < 1000) {
      const double p = run.index % 100 < 12 ? (run.index % 2 == 0 ? 0.1 : 0.9) : 0.02;
      most = std::max(most, run.rates(p, 12, p, 80).surprise);
    }
  }
  EXPECT_LT(most, kAlertBits) << "20,000 windows";
}

TEST(Contrast, HoweverLongOneLooksFewSeriesEverShowSoManyBits) {
  // N·T·2^-b of N series of T windows: with 12 bits and 400 windows 10 % of the series.
  constexpr int kSeries = 400;
  constexpr size_t kWindows = 400;
  int ever = 0;
  for (uint64_t seed = 1; seed <= kSeries; ++seed) {
    Beside run(seed, {{"tolerance", "0"}});
    bool has = false;
    while (run.index < kWindows) has |= run.rates(0.1, 10, 0.1, 60).surprise >= 12;
    ever += has ? 1 : 0;
  }
  EXPECT_LE(ever, kSeries * kWindows / 4096);
}

TEST(Contrast, BurstsOfOneSessionAreNotManyAccidents) {
  // Every twentieth window of the canary has a session that is refused eight times.
  int alarms = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Beside run(seed);
    while (run.index < 2000) {
      const double burst = run.traffic.uniform() < 0.05 ? 8 : 0;
      const double others_burst = run.traffic.binomial(8, 0.05) * 8;
      const double n = 20;
      const Verdict verdict =
          run.pass(rate(run.traffic.binomial(n, 0.02) + burst, n + burst),
                   {.together = rate(run.traffic.binomial(160, 0.02) + others_burst, 160 + others_burst), .split = {}});
      alarms += verdict.surprise >= kAlertBits ? 1 : 0;
    }
  }
  EXPECT_LE(alarms, 20) << "of 40,000 windows; three of them by chance in each run would be too many";
}

TEST(Contrast, ADifferenceThatEndsIsOver) {
  Beside run(3);
  Verdict verdict;
  while (run.index < 60) verdict = run.rates(0.2, 10, 0.02, 90);
  ASSERT_GT(verdict.surprise, kAlertBits);
  while (run.index < 60 + 48) verdict = run.rates(0.02, 10, 0.02, 90);
  EXPECT_LT(verdict.surprise, kAlertBits / 2);
}

TEST(Contrast, ADifferenceThatStaysIsTakenAsNormal) {
  Beside run(4, {{"adapt_after", "100"}});
  double most = 0;
  while (run.index < 300) most = std::max(most, run.rates(0.2, 10, 0.05, 90).surprise);
  EXPECT_GT(most, kAlertBits);
  most = 0;
  while (run.index < 1000) most = std::max(most, run.rates(0.2, 10, 0.05, 90).surprise);
  EXPECT_LT(most, kAlertBits) << "as different as before";
  Verdict verdict;
  while (run.index < 1100) verdict = run.rates(0.5, 10, 0.05, 90);
  EXPECT_GT(verdict.surprise, kAlertBits) << "more different than that";
}

TEST(Contrast, SlowerValuesAreSeenByTheShareAboveACommonCut) {
  const auto surprise = [](double above) {
    Beside run(5);
    Verdict verdict;
    for (int i = 0; i < 36; ++i) {
      const double own = 5;
      const double high = run.traffic.binomial(own, above);
      verdict = run.pass(mean(1.5, 0.1, own), {.together = mean(1.0, 0.05, 45), .split = {high, own, 25 - high, 45}});
    }
    return verdict;
  };
  const Verdict slow = surprise(0.8);
  EXPECT_GT(slow.surprise, kAlertBits);
  EXPECT_NEAR(slow.effect, 0.5, 1e-9);
  EXPECT_EQ(slow.direction, Direction::up);
  EXPECT_LT(surprise(0.5).surprise, kAlertBits / 2);
}

TEST(Contrast, WithoutSiblingsNothingIsSaid) {
  const auto detector = make_detector("contrast", {}).value();
  const Observation seen = rate(5, 10);
  const Observation none = nothing(MeasureKind::rate);
  const Siblings siblings{.together = none, .split = {}};
  Window window = window_at(0, {&seen, 1});
  EXPECT_EQ(detector->score(window, {}).judgement, Judgement::missing);
  window.siblings = {&siblings, 1};
  EXPECT_EQ(detector->score(window, {}).judgement, Judgement::missing);
  EXPECT_FALSE(check_kind("contrast", MeasureKind::sum).ok());
  EXPECT_FALSE(check_kind("contrast", MeasureKind::composition).ok());
  EXPECT_TRUE(check_kind("contrast", MeasureKind::distribution).ok());
}

}  // namespace
}  // namespace tidewatch::testing
