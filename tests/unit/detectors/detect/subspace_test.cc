#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "sample_share.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// Measures that follow two common causes, each with 30 % of its variance of its own.
struct Plant {
  std::unique_ptr<Detector> detector;
  Traffic traffic;
  size_t measures;
  double missing = 0;  ///< share of observations that do not come
  size_t index = 0;

  Plant(uint64_t seed, size_t measures_given)
      : detector(make_detector("subspace", {{"season", "false"}}, measures_given).value()),
        traffic(seed),
        measures(measures_given) {}

  /// `own` in standard deviations of measure 3, `common` in those of the first cause.
  std::vector<Observation> draw(double own = 0, double common = 0) {
    const double first = traffic.normal() + common;
    const double second = traffic.normal();
    std::vector<Observation> out;
    for (size_t i = 0; i < measures; ++i) {
      const double weight = 0.2 + 0.6 * static_cast<double>(i) / static_cast<double>(measures);
      double score = std::sqrt(0.7) * (std::sqrt(weight) * first + std::sqrt(1 - weight) * second) +
                     std::sqrt(0.3) * traffic.normal();
      if (i == 3) score += own;
      const bool is_missing = traffic.uniform() < missing;
      out.push_back(is_missing ? nothing(MeasureKind::distribution) : mean(std::exp(0.05 * score), 0.002, 1000));
    }
    return out;
  }
  Verdict look(const std::vector<Observation>& seen) const { return detector->score(window_at(index, seen), {}); }
  Verdict pass(const std::vector<Observation>& seen) {
    const Verdict verdict = look(seen);
    detector->learn(window_at(index++, seen),
                    {.anomalous = verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits});
    return verdict;
  }
  size_t alarms_in(size_t windows) {
    size_t alarms = 0;
    for (size_t i = 0; i < windows; ++i) alarms += pass(draw()).surprise >= kAlertBits ? 1 : 0;
    return alarms;
  }
};

/// Windows until an alert, median of 15 runs (sampled()); 999: not in a day.
size_t median_delay(size_t measures, double own, double missing) {
  std::vector<size_t> delays;
  for (uint64_t seed = 1; seed <= sampled(15, 5); ++seed) {
    Plant plant(seed, measures);
    plant.missing = missing;
    plant.alarms_in(7 * kDay);
    size_t found = 999;
    for (size_t window = 1; window <= kDay && found == 999; ++window)
      if (plant.pass(plant.draw(own)).surprise >= kAlertBits) found = window;
    delays.push_back(found);
  }
  std::sort(delays.begin(), delays.end());
  return delays[delays.size() / 2];
}

TEST(Subspace, WhatLeavesTheCommonDirectionsIsFoundThoughTheMeasureIsWithinItsRange) {
  // 1.2 standard deviations of one of twelve measures; what the other eleven do not explain of it is 0.6.
  const size_t subspace = median_delay(12, 1.2, 0);
  const size_t with_gaps = median_delay(12, 1.2, 0.2);
  std::printf("median windows to 17.6 bits: %zu, a fifth missing: %zu\n", subspace, with_gaps);
  EXPECT_LE(subspace, 24U);
  EXPECT_LE(with_gaps, 36U);
}

TEST(Subspace, ContributionsAddUpAndNameTheMeasure) {
  Plant plant(1, 12);
  plant.alarms_in(3 * kDay);
  const Verdict verdict = plant.look(plant.draw(7));
  EXPECT_GE(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.observation, 3U);
  ASSERT_FALSE(verdict.contributions.empty());
  EXPECT_EQ(verdict.contributions[0].observation, 3U);
  const double sum = std::accumulate(verdict.contributions.begin(), verdict.contributions.end(), 0.0,
                                     [](double bits, const Contribution& part) { return bits + part.bits; });
  EXPECT_NEAR(sum, verdict.surprise, 1e-9);
  EXPECT_NEAR(verdict.expected, 1, 0.05);
  EXPECT_NEAR(verdict.effect, 0.42, 0.2);  // exp(0.05 * 7)
}

TEST(Subspace, AnExtremeOfWhatAllShareIsSeenWithinTheDirections) {
  Plant plant(2, 12);
  plant.alarms_in(3 * kDay);
  EXPECT_LT(plant.look(plant.draw(0, 0.5)).surprise, 10);
  EXPECT_GE(plant.look(plant.draw(0, 10)).surprise, kAlertBits);
}

TEST(Subspace, MissingMeasuresMakeNoAlarmsAndHideNoOthers) {
  Plant plant(3, 12);
  plant.missing = 0.3;
  EXPECT_EQ(plant.alarms_in(14 * kDay), 0U);
  auto seen = plant.draw(5);
  for (size_t i = 6; i < 12; ++i) seen[i] = nothing(MeasureKind::distribution);
  seen[3] = mean(std::exp(0.05 * 6), 0.002, 1000);
  const Verdict verdict = plant.look(seen);
  EXPECT_EQ(verdict.judgement, Judgement::scored);
  EXPECT_GE(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.observation, 3U);
  for (Observation& each : seen) each = nothing(MeasureKind::distribution);
  EXPECT_EQ(plant.look(seen).judgement, Judgement::missing);
}

TEST(Subspace, SixtyMeasuresAreWatchedTogether) {
  Plant plant(4, 60);
  plant.missing = 0.02;
  EXPECT_EQ(plant.alarms_in(4 * kDay), 0U);
  const Verdict verdict = plant.look(plant.draw(9));
  EXPECT_GE(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.observation, 3U);
}

}  // namespace
}  // namespace tidewatch::testing
