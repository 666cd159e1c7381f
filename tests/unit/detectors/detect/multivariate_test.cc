#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

constexpr Direction kBothUp[] = {Direction::up, Direction::up};

/// Latency and error rate of 1,000 requests by window, correlated, with standard deviations of 5 % and about 37 %.
struct Pair {
  std::unique_ptr<Detector> detector;
  Traffic traffic;
  double correlation;
  size_t index = 0;

  Pair(uint64_t seed, double correlation_given, DetectorSettings settings = {{"season", "false"}})
      : detector(make_detector("multivariate", settings, 2).value()), traffic(seed), correlation(correlation_given) {}

  /// `latency` and `errors` in standard deviations above normal.
  std::vector<Observation> draw(double latency, double errors) {
    const double common = traffic.normal();
    const auto score = [&] { return std::sqrt(correlation) * common + std::sqrt(1 - correlation) * traffic.normal(); };
    const double logit = std::log(0.02 / 0.98) + 0.3 * score() + 0.375 * errors;
    return {mean(1.2 * std::exp(0.05 * score() + 0.05 * latency), 0.006, 1000),
            rate(traffic.binomial(1000, 1 / (1 + std::exp(-logit))), 1000)};
  }
  Verdict look(const std::vector<Observation>& seen, std::span<const Direction> worse = kBothUp) const {
    return detector->score(window_at(index, seen), {.worse = worse});
  }
  Verdict pass(const std::vector<Observation>& seen) {
    const Verdict verdict = look(seen);
    detector->learn(window_at(index++, seen), {.anomalous = verdict.surprise >= kAlertBits});
    return verdict;
  }
  void pass_normal(size_t windows) {
    for (size_t i = 0; i < windows; ++i) pass(draw(0, 0));
  }
};

double sum_of_bits(const Verdict& verdict) {
  return std::accumulate(verdict.contributions.begin(), verdict.contributions.end(), 0.0,
                         [](double sum, const Contribution& part) { return sum + part.bits; });
}

TEST(Multivariate, TwoMeasuresSlightlyUpAreFoundThoughEachAloneIsQuiet) {
  // 0.7 standard deviations each. In t windows the best possible test knows t · 2 · 0.7² nats: an hour is worth about
  // 8 bits, 10 bits take one hour and a half, 17.6 bits two and a half.
  std::vector<size_t> until_ten;
  std::vector<size_t> until_alert;
  size_t alone = 0;
  for (uint64_t seed = 1; seed <= 21; ++seed) {
    Pair pair(seed, 0);
    pair.pass_normal(7 * kDay);
    Playback latency(DetectorSettings{{"season", "false"}});
    Playback errors(DetectorSettings{{"season", "false"}});
    Pair same(seed, 0);
    for (size_t i = 0; i < 7 * kDay; ++i) {
      const auto seen = same.draw(0, 0);
      latency.pass(seen[0]);
      errors.pass(seen[1]);
    }
    size_t ten = 0;
    size_t alert = 0;
    for (size_t window = 1; window <= 72; ++window) {
      const auto seen = pair.draw(0.7, 0.7);
      const double surprise = pair.pass(seen).surprise;
      if (ten == 0 && surprise >= 10) ten = window;
      if (alert == 0 && surprise >= kAlertBits) alert = window;
      if (window <= 30)
        alone += latency.pass(seen[0]).surprise >= kAlertBits || errors.pass(seen[1]).surprise >= kAlertBits ? 1 : 0;
    }
    until_ten.push_back(ten == 0 ? 999 : ten);
    until_alert.push_back(alert == 0 ? 999 : alert);
  }
  std::sort(until_ten.begin(), until_ten.end());
  std::sort(until_alert.begin(), until_alert.end());
  EXPECT_LE(until_ten[10], 20U) << "median windows until 10 bits";
  EXPECT_LE(until_alert[10], 34U) << "median windows until an alert";
  EXPECT_LE(alone, 2U) << "of 630 windows, seen alone";
  RecordProperty("median_windows_to_10_bits", static_cast<int>(until_ten[10]));
  RecordProperty("median_windows_to_17_6_bits", static_cast<int>(until_alert[10]));
}

TEST(Multivariate, ContributionsAddUpToTheSurpriseLargestFirst) {
  Pair pair(1, 0.5);
  pair.pass_normal(3 * kDay);
  for (const auto& [latency, errors] : {std::pair{5.0, 3.0}, {1.0, 6.0}, {8.0, -4.0}, {0.1, 0.1}}) {
    const Verdict verdict = pair.look(pair.draw(latency, errors), {});
    EXPECT_EQ(verdict.contributions.empty(), verdict.surprise == 0);
    EXPECT_NEAR(sum_of_bits(verdict), verdict.surprise, 1e-9);
    EXPECT_TRUE(std::is_sorted(verdict.contributions.begin(), verdict.contributions.end(),
                               [](const auto& a, const auto& b) { return a.bits > b.bits; }));
    for (const Contribution& part : verdict.contributions) EXPECT_GT(part.bits, 0);
  }
  const Verdict errors = pair.look(pair.draw(0, 7));
  EXPECT_EQ(errors.observation, 1U);
  EXPECT_EQ(errors.contributions[0].observation, 1U);
  EXPECT_NEAR(errors.expected, 0.02, 0.004);
  EXPECT_GT(errors.effect, 1);
}

TEST(Multivariate, GettingBetterIsNoSurpriseWhenOnlyWorseIsAskedFor) {
  Pair pair(2, 0);
  pair.pass_normal(3 * kDay);
  const auto faster = pair.draw(-8, 0);
  EXPECT_LT(pair.look(faster).surprise, 4);
  EXPECT_GT(pair.look(faster, {}).surprise, kAlertBits);
  // What improves hides nothing of what gets worse, and adds nothing to it.
  const Verdict mixed = pair.look(pair.draw(-8, 8));
  EXPECT_GT(mixed.surprise, kAlertBits);
  ASSERT_EQ(mixed.contributions.size(), 1U);
  EXPECT_EQ(mixed.contributions[0].observation, 1U);
}

TEST(Multivariate, ABrokenCorrelationIsFoundWhereBothValuesAreUsual) {
  Pair pair(3, 0.9);
  pair.pass_normal(14 * kDay);
  const auto apart = std::vector{mean(1.2 * std::exp(0.05 * 2.5), 0.006, 1000), rate(9, 1000)};
  const auto together = std::vector{mean(1.2 * std::exp(0.05 * 2.5), 0.006, 1000), rate(42, 1000)};
  EXPECT_GT(pair.look(apart, {}).surprise, pair.look(together, {}).surprise + 5);
}

TEST(Multivariate, AMissingMeasureLeavesTheOthersAsTheyAre) {
  Pair pair(4, 0.5);
  pair.pass_normal(3 * kDay);
  auto seen = pair.draw(7, 0);
  seen[1] = nothing(MeasureKind::rate);
  const Verdict verdict = pair.look(seen);
  EXPECT_EQ(verdict.judgement, Judgement::scored);
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.observation, 0U);
  EXPECT_EQ(verdict.contributions.size(), 1U);
  const auto none = std::vector{nothing(MeasureKind::distribution), nothing(MeasureKind::rate)};
  EXPECT_EQ(pair.look(none).judgement, Judgement::missing);
}

TEST(Multivariate, AMeasureThatNeverComesDoesNotStopTheOthers) {
  auto detector = make_detector("multivariate", {}, 3).value();
  Pair pair(5, 0);
  for (size_t i = 0; i < 3 * kDay; ++i) {
    auto seen = pair.draw(0, 0);
    seen.push_back(nothing(MeasureKind::rate));
    detector->learn(window_at(i, seen), {});
  }
  EXPECT_TRUE(detector->warm());
  auto seen = pair.draw(7, 7);
  seen.push_back(nothing(MeasureKind::rate));
  EXPECT_GT(detector->score(window_at(3 * kDay, seen), {}).surprise, kAlertBits);
}

TEST(Multivariate, WhenTheIncidentEndsItIsQuietWithinAnHour) {
  Pair pair(6, 0);
  pair.pass_normal(7 * kDay);
  for (size_t i = 0; i < 60; ++i) pair.pass(pair.draw(4, 4));
  pair.pass_normal(12);
  EXPECT_LT(pair.pass(pair.draw(0, 0)).surprise, kAlertBits / 2);
}

TEST(Multivariate, ASmallChangeThatStaysIsNormalAfterItsTime) {
  Pair pair(7, 0, {{"season", "false"}, {"adapt_after", "96"}});
  pair.pass_normal(7 * kDay);
  size_t alarms_at_first = 0;
  size_t alarms_later = 0;
  for (size_t i = 0; i < 4 * kDay; ++i)
    if (pair.pass(pair.draw(1.5, 1.5)).surprise >= kAlertBits) ++(i < kDay ? alarms_at_first : alarms_later);
  EXPECT_GT(alarms_at_first, 48U);
  EXPECT_EQ(alarms_later, 0U);
}

}  // namespace
}  // namespace tidewatch::testing
