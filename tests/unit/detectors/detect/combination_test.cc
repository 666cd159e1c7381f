#include "detectors/detect/combination.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

constexpr size_t kMeasures = 6;

/// Latencies of steps of the same requests: scores with this correlation.
struct Steps {
  std::unique_ptr<Detector> detector = make_detector("combination", {{"season", "false"}}, kMeasures).value();
  Traffic traffic;
  double correlation;
  size_t index = 0;

  Steps(uint64_t seed, double correlation_given) : traffic(seed), correlation(correlation_given) {}

  std::vector<Observation> draw(size_t moved = 0, double sigmas = 0) {
    const double common = traffic.normal();
    std::vector<Observation> out;
    for (size_t i = 0; i < kMeasures; ++i) {
      const double score = std::sqrt(correlation) * common + std::sqrt(1 - correlation) * traffic.normal();
      out.push_back(mean(std::exp(0.05 * (score + (i == moved ? sigmas : 0))), 0.002, 1000));
    }
    return out;
  }
  Verdict look(const std::vector<Observation>& seen, const Context& context = {}) const {
    return detector->score(window_at(index, seen), context);
  }
  Verdict pass(const std::vector<Observation>& seen) {
    const Verdict verdict = look(seen);
    detector->learn(window_at(index++, seen),
                    {.anomalous = verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits});
    return verdict;
  }
  void learn_for(size_t windows) {
    for (size_t i = 0; i < windows; ++i) pass(draw());
  }
};

TEST(Combination, IsExceededAboutAsOftenWhateverMeasuresHaveInCommon) {
  for (const double correlation : {0.0, 0.5, 0.9}) {
    std::array<double, 2> beyond{};
    double windows = 0;
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      Steps steps(seed, correlation);
      steps.learn_for(3 * kDay);
      for (size_t i = 0; i < 20 * kDay; ++i, ++windows) {
        const double surprise = steps.pass(steps.draw()).surprise;
        beyond[0] += surprise > 4 ? 1 : 0;
        beyond[1] += surprise > 7 ? 1 : 0;
      }
    }
    const double at_four = beyond[0] / windows * std::exp2(4);
    const double at_seven = beyond[1] / windows * std::exp2(7);
    std::printf("correlation %.1f: %.2f of the claim at 4 bits, %.2f at 7\n", correlation, at_four, at_seven);
    // The laws of the measures themselves are a little wide.
    EXPECT_GT(at_four, 0.65) << correlation;
    EXPECT_LT(at_four, 1.1) << correlation;
    EXPECT_GT(at_seven, 0.4) << correlation;
    EXPECT_LT(at_seven, 1.1) << correlation;
  }
}

TEST(Combination, OneMeasureFarOutIsFoundAndNamedThoughTheOthersAreUsual) {
  Steps steps(1, 0.5);
  steps.learn_for(3 * kDay);
  const auto seen = steps.draw(4, 7);
  const Verdict verdict = steps.look(seen);
  EXPECT_EQ(verdict.judgement, Judgement::scored);
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.observation, 4u);
  EXPECT_EQ(verdict.direction, Direction::up);
  EXPECT_NEAR(verdict.value, seen[4].value, 1e-9);
  ASSERT_FALSE(verdict.contributions.empty());
  EXPECT_EQ(verdict.contributions.front().observation, 4u);
  EXPECT_GT(verdict.contributions.front().bits, 0.99 * verdict.surprise);
  const double sum = std::accumulate(verdict.contributions.begin(), verdict.contributions.end(), 0.0,
                                     [](double so_far, const Contribution& part) { return so_far + part.bits; });
  EXPECT_NEAR(sum, verdict.surprise, 1e-9);
}

TEST(Combination, CostsNoMoreThanTheNumberOfMeasures) {
  Steps steps(2, 0.5);
  Playback alone(DetectorSettings{{"season", "false"}});
  for (size_t i = 0; i < 3 * kDay; ++i) {
    const auto seen = steps.draw();
    steps.pass(seen);
    alone.pass(seen[2]);
  }
  const auto seen = steps.draw(2, 8);
  // Beyond what point has counted it claims no more than its law says.
  EXPECT_GE(steps.look(seen).surprise, alone.look(seen[2]).surprise - std::log2(kMeasures) - 0.01);
}

TEST(Combination, OnlyWhatIsWorseCounts) {
  Steps steps(3, 0.5);
  steps.learn_for(3 * kDay);
  const std::vector<Direction> worse(kMeasures, Direction::down);
  EXPECT_LT(steps.look(steps.draw(1, 9), {.worse = worse}).surprise, kAlertBits);
  EXPECT_GT(steps.look(steps.draw(1, -9), {.worse = worse}).surprise, kAlertBits);
}

TEST(Combination, MeasuresThatAreMissingAreLeftOut) {
  Steps steps(4, 0.5);
  steps.learn_for(3 * kDay);
  auto seen = steps.draw(0, 8);
  for (size_t i = 1; i < kMeasures; ++i) seen[i] = nothing(MeasureKind::distribution);
  EXPECT_GT(steps.look(seen).surprise, kAlertBits);
  seen[0] = nothing(MeasureKind::distribution);
  EXPECT_EQ(steps.look(seen).judgement, Judgement::missing);
}

TEST(Combination, IsReadyWithItsFirstMeasure) {
  Steps steps(5, 0.5);
  for (size_t i = 0; i < 2 * kDay; ++i) {
    auto seen = steps.draw();
    for (size_t j = 1; j < kMeasures; ++j) seen[j] = nothing(MeasureKind::distribution);
    steps.pass(seen);
  }
  EXPECT_TRUE(steps.detector->warm());
  const Verdict verdict = steps.look(steps.draw(3, 30));
  EXPECT_LT(verdict.surprise, kAlertBits) << "what was never seen before is left out until it has learnt enough";
}

}  // namespace
}  // namespace tidewatch::testing
