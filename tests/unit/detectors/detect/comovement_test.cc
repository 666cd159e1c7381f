#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "sample_share.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

/// Five-minute windows are 8,640 a month: one false alarm a month is 2^-13.1 of them.
constexpr double kMonthlyBits = 13.1;

/// Two or three latencies that vary by 5 % from window to window, with a correlation between the first two.
struct Latencies {
  std::unique_ptr<Detector> detector;
  Traffic traffic;
  size_t measures;
  size_t index = 0;
  double day = 0;          ///< depth of a daily season
  double persistence = 0;  ///< of what both have in common, and of what each has alone
  std::array<double, 4> state{};

  explicit Latencies(uint64_t seed, size_t measures_given = 2, DetectorSettings settings = {{"season", "false"}})
      : detector(make_detector("comovement", settings, measures_given).value()),
        traffic(seed),
        measures(measures_given) {}

  double next(size_t which) {
    double& at = state[which];
    return at = persistence * at + std::sqrt(1 - persistence * persistence) * traffic.normal();
  }
  std::vector<Observation> draw(double correlation, double spread = 1, double level = 0) {
    const double common = next(3);
    std::vector<Observation> out;
    for (size_t i = 0; i < measures; ++i) {
      const double shared = i < 2 ? correlation : 0;
      const double score = std::sqrt(shared) * common + std::sqrt(1 - shared) * next(i);
      const double scale = i == 0 ? spread : 1;
      out.push_back(mean(daily(index, day) * std::exp(0.05 * (scale * score + level)), 0.002, 1000));
    }
    return out;
  }
  Verdict look(const std::vector<Observation>& seen) const { return detector->score(window_at(index, seen), {}); }
  Verdict pass(const std::vector<Observation>& seen) {
    const Verdict verdict = look(seen);
    detector->learn(window_at(index++, seen), {.anomalous = verdict.surprise >= kAlertBits});
    return verdict;
  }
  void pass_normal(size_t windows, double correlation) {
    for (size_t i = 0; i < windows; ++i) pass(draw(correlation));
  }
  /// Windows until so many bits; 999: not in 300.
  size_t until(double bits, double correlation, double spread = 1) {
    for (size_t window = 1; window <= 300; ++window)
      if (pass(draw(correlation, spread)).surprise >= bits) return window;
    return 999;
  }
};

/// Median over 31 runs of the windows until an alarm at one false alarm a month.
size_t median_delay(double before, double after, double spread = 1) {
  std::vector<size_t> delays;
  for (uint64_t seed = 1; seed <= 31; ++seed) {
    Latencies run(seed);
    run.pass_normal(7 * kDay, before);
    delays.push_back(run.until(kMonthlyBits, after, spread));
  }
  std::sort(delays.begin(), delays.end());
  return delays[delays.size() / 2];
}

double sum_of_bits(const Verdict& verdict) {
  return std::accumulate(verdict.contributions.begin(), verdict.contributions.end(), 0.0,
                         [](double sum, const Contribution& part) { return sum + part.bits; });
}

TEST(Comovement, ALostCorrelationIsFoundThoughBothMeasuresLookAsEver) {
  const size_t lost = median_delay(0.8, 0);
  const size_t begun = median_delay(0, 0.8);
  const size_t wider = median_delay(0.5, 0.5, 2);
  std::printf("median windows: 0.8 to 0: %zu, 0 to 0.8: %zu, spread doubled: %zu\n", lost, begun, wider);
  EXPECT_LE(lost, 24U);
  EXPECT_LE(begun, 66U);
  EXPECT_LE(wider, 30U);
}

/// False alarms a month at kMonthlyBits, excursions counted once, after two weeks of learning.
double alarms_a_month(double day, double persistence, double correlation) {
  double alarms = 0;
  double windows = 0;
  const auto series = static_cast<double>(sampled(40, 2));
  for (uint64_t seed = 1; static_cast<double>(seed) <= series; ++seed) {
    Latencies run(seed, 3, {});
    run.day = day;
    run.persistence = persistence;
    bool was_beyond = false;
    while (run.index < 42 * kDay) {
      const bool is_beyond = run.pass(run.draw(correlation)).surprise >= kMonthlyBits;
      if (run.index > 14 * kDay) {
        alarms += is_beyond && !was_beyond ? 1 : 0;
        windows += 1;
      }
      was_beyond = is_beyond;
    }
  }
  std::printf("day %.1f, persistence %.1f, correlation %.1f: %.0f alarms in %.0f windows\n", day, persistence,
              correlation, alarms, windows);
  return alarms / windows * 30 * kDay;
}

TEST(Comovement, WhereNothingChangesAlarmsAreAsRareAsClaimed) {
  const double independent = alarms_a_month(0, 0, 0.8);
  const double daily = alarms_a_month(0.5, 0, 0.5);
  const double persistent = alarms_a_month(0, 0.8, 0.5);
  if (!is_full_sample()) return;
  EXPECT_LE(independent, 1.3);
  EXPECT_LE(daily, 1.3) << "a day whose high is 2.7 times its low";
  EXPECT_LE(persistent, 1.3) << "windows that resemble their neighbours";
}

TEST(Comovement, NamesThePairAndWhatItsCorrelationHasBecome) {
  Latencies run(1, 3);
  run.pass_normal(10 * kDay, 0.8);
  ASSERT_LE(run.until(kAlertBits, 0), 40U);
  const Verdict verdict = run.look(run.draw(0));
  ASSERT_FALSE(verdict.contributions.empty());
  EXPECT_NEAR(sum_of_bits(verdict), verdict.surprise, 1e-9);
  EXPECT_TRUE(std::is_sorted(verdict.contributions.begin(), verdict.contributions.end(),
                             [](const auto& a, const auto& b) { return a.bits > b.bits; }));
  EXPECT_EQ(verdict.contributions[0].observation, 0U);
  EXPECT_EQ(verdict.contributions[0].with, 1U);
  EXPECT_GT(verdict.contributions[0].bits, 0.4 * verdict.surprise);
  EXPECT_EQ(verdict.observation, 0U);
  EXPECT_EQ(verdict.direction, Direction::down);
  EXPECT_NEAR(verdict.expected, 0.8, 0.06);
  EXPECT_GT(verdict.expected_low, 0.4);
  EXPECT_LT(verdict.value, 0.45);
  EXPECT_GT(verdict.since_windows, 3U);
}

TEST(Comovement, AMeasureThatVariesMoreIsNamedAlone) {
  Latencies run(2, 3);
  run.pass_normal(10 * kDay, 0.3);
  ASSERT_LE(run.until(kAlertBits, 0.3, 2), 40U);
  const Verdict verdict = run.look(run.draw(0.3, 2));
  ASSERT_FALSE(verdict.contributions.empty());
  EXPECT_EQ(verdict.contributions[0].observation, 0U);
  EXPECT_FALSE(verdict.contributions[0].with.has_value());
  EXPECT_EQ(verdict.expected, 1);
  EXPECT_GT(verdict.value, 1.3);
  EXPECT_EQ(verdict.direction, Direction::up);
}

TEST(Comovement, AMoveOfTheLevelsIsNotItsBusiness) {
  // Four standard deviations up for three hours, then back, ten times.
  Latencies run(3);
  run.pass_normal(7 * kDay, 0.5);
  double most = 0;
  for (int step = 0; step < 10; ++step) {
    for (int i = 0; i < 36; ++i) most = std::max(most, run.pass(run.draw(0.5, 1, 4)).surprise);
    for (int i = 0; i < 144; ++i) most = std::max(most, run.pass(run.draw(0.5)).surprise);
  }
  EXPECT_LT(most, kMonthlyBits);
}

TEST(Comovement, MissingMeasuresNeitherAlarmNorHideTheOthers) {
  Latencies run(4, 3);
  const auto with_gaps = [&](double correlation) {
    auto seen = run.draw(correlation);
    for (Observation& each : seen)
      if (run.traffic.uniform() < 0.2) each = nothing(MeasureKind::distribution);
    seen[2] = nothing(MeasureKind::distribution);  // never comes
    return seen;
  };
  double most = 0;
  for (size_t i = 0; i < 21 * kDay; ++i) most = std::max(most, run.pass(with_gaps(0.8)).surprise);
  EXPECT_LT(most, kAlertBits);
  EXPECT_TRUE(run.detector->warm());
  size_t found = 999;
  for (size_t window = 1; window <= kDay && found == 999; ++window)
    if (run.pass(with_gaps(0)).surprise >= kMonthlyBits) found = window;
  EXPECT_LE(found, 48U);
  const std::vector<Observation> none(3, nothing(MeasureKind::distribution));
  EXPECT_EQ(run.look(none).judgement, Judgement::missing);
}

TEST(Comovement, WhenMeasuresVaryAsBeforeAgainItIsQuietWithinThreeHours) {
  Latencies run(5);
  run.pass_normal(7 * kDay, 0.8);
  ASSERT_LE(run.until(kAlertBits, 0), 40U);
  for (int i = 0; i < 100; ++i) run.pass(run.draw(0));
  run.pass_normal(36, 0.8);
  EXPECT_LT(run.pass(run.draw(0.8)).surprise, kAlertBits / 2);
}

TEST(Comovement, AnotherCovarianceThatStaysIsNormalAfterItsTime) {
  Latencies run(6, 2, {{"season", "false"}, {"adapt_after", "96"}});
  run.pass_normal(7 * kDay, 0.8);
  size_t alarms_at_first = 0;
  size_t alarms_later = 0;
  for (size_t i = 0; i < 8 * kDay; ++i) {
    const Verdict verdict = run.pass(run.draw(0));
    if (verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits)
      ++(i < kDay ? alarms_at_first : alarms_later);
  }
  EXPECT_GT(alarms_at_first, 48U);
  EXPECT_EQ(alarms_later, 0U);
  EXPECT_LE(run.until(kMonthlyBits, 0.9), 60U) << "the new one is watched as the old one was";
}

TEST(Comovement, ASideIsAskedOfTheCorrelation) {
  Latencies run(7);
  run.pass_normal(7 * kDay, 0.8);
  ASSERT_LE(run.until(kAlertBits, 0), 40U);
  const auto seen = run.draw(0);
  const Window window = window_at(run.index, seen);
  EXPECT_GE(run.detector->score(window, {.direction = Direction::down}).surprise, kAlertBits);
  EXPECT_EQ(run.detector->score(window, {.direction = Direction::up}).surprise, 0);
}

}  // namespace
}  // namespace tidewatch::testing
