// `false_alarms: {per_week: 1, per_series: 100}` on series in which nothing is wrong: what was asked is what comes.
#include <gtest/gtest.h>

#include <algorithm>

#include "sample_share.h"
#include "unit/detectors/decide/quiet_fleet.h"

namespace tidewatch::testing {
namespace {

constexpr size_t kSeries = 300;
constexpr size_t kWeeks = 12;

TEST(FalseAlarms, TwelveQuietWeeksOfThreeHundredSeriesBringWhatWasAsked) {
  // One a week and 100 series: 36. Central 95 % of a Poisson count of mean 36: 25 to 48.
  const auto series = static_cast<size_t>(std::max(12.0, kSeries * sample_share()));
  Alarms sum;
  for (size_t i = 0; i < series; ++i) {
    const Alarms some = watch_quiet(static_cast<Quiet>(i % kPromisedKinds), i / kPromisedKinds, kWeeks);
    sum.calibrated += some.calibrated;
    sum.fixed += some.fixed;
  }
  std::printf("asked 36, observed %zu, with the detectors' claims taken at their word %zu\n", sum.calibrated,
              sum.fixed);
  RecordProperty("observed", static_cast<int>(sum.calibrated));
  RecordProperty("observed_at_fixed_threshold", static_cast<int>(sum.fixed));
  if (!is_full_sample()) return;
  EXPECT_GE(sum.calibrated, 25U);
  EXPECT_LE(sum.calibrated, 48U);
  EXPECT_GT(sum.fixed, sum.calibrated);
}

/// Claimed bits that an alert needs.
double threshold(const SurpriseCalibration& calibration) {
  double bits = 0;
  while (calibration.calibrated(bits) < asked_bits()) bits += 0.05;
  return bits;
}

TEST(FalseAlarms, AChangeOfSeasonLeavesItsSeriesAwake) {
  // The clocks change after five weeks, habits after eight. Seasonal detectors alert here and there, and learn.
  double before = 0;
  double after = 0;
  constexpr uint64_t kRuns = 12;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    QuietWatch watch(seed % 2 == 0 ? "point" : "shift", 1, Direction::up);
    QuietSeries series(Quiet::season_change, QuietSeries::Shape::latency, seed);
    for (size_t i = 0; i < 12 * 7 * kDay; ++i) {
      if (i == 4 * 7 * kDay) before += threshold(watch.calibration()) / kRuns;
      watch.judge(window_at(i, series.next()));
    }
    after += threshold(watch.calibration()) / kRuns;
  }
  std::printf("claimed bits that an alert needs: %.1f before, %.1f after\n", before, after);
  EXPECT_LE(before, asked_bits() + 3);
  EXPECT_LE(after, before + 4);
}

}  // namespace
}  // namespace tidewatch::testing
