#pragma once

#include <cstdint>
#include <vector>

#include "detectors/core/params.h"
#include "detectors/detect/detector.h"
#include "detectors/detect/level_mean.h"
#include "detectors/detect/period_clock.h"
#include "detectors/detect/ramp.h"

namespace tidewatch {

struct TrendParams {
  Duration period = std::chrono::hours(24);
  uint32_t history = 35;
  uint32_t shortest = 5;
  uint32_t cycle = 7;
  uint32_t warm_up = 14;

  static constexpr auto table() {
    return params(
        field("period", &TrendParams::period, range(60, 31 * 86400.0),
              "windows are gathered into periods of this length, whose levels are compared"),
        field("history", &TrendParams::history, range(8, 200), "periods that are looked at", "periods"),
        field("shortest", &TrendParams::shortest, range(2, 100), "periods that a trend must have lasted", "periods"),
        field("cycle", &TrendParams::cycle, range(0, 60),
              "periods after which the calendar repeats: 7 days; 0 when it does not", "periods"),
        field("warm_up", &TrendParams::warm_up, range(7, 200), "periods with data before the detector may alert",
              "periods"));
  }
  Status check() const;
};

/// Slow decline or rise over days, too slow for any window to be surprising and so slow that a baseline would follow
/// it. Windows are gathered into periods (days, UTC); whenever one ends, the levels of the last `history` periods are
/// searched for `steady until then, moving on since` (ramp_fit() of ramp.h). Surprise stays the same until the next
/// period ends, and is 0 when the change was a step or has come to an end: that is for `shift`.
///
/// Days differ by more than the chance of their observations; by how much is learnt from the residuals of all days
/// seen (half-life 60 periods, with a prior worth ten days that says "by chance only"). The part beyond chance is taken
/// as an AR(1) process, whose correlation is learnt too: it counts (1 + r)/(1 - r) times.
class Trend final : public Detector {
 public:
  using Params = TrendParams;
  static constexpr bool kJudgesFew = true;
  Trend(const Params& params, size_t observations);

  /// `value`: the level now by the fitted trend; `expected`: the level before it began, with the 95 % interval of that
  /// level (not of a window); `since_windows`: how long ago that was.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return fit_.is_known && periods_with_data() >= params_.warm_up; }
  size_t memory_bytes() const override { return sizeof(Trend) + levels_.capacity() * sizeof(PeriodLevel); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  size_t periods_with_data() const;
  void end_periods(PeriodClock::Step step);
  void learn_dispersion();
  RampQuestion question() const;
  void forget();

  Params params_;
  std::vector<PeriodLevel> levels_;  ///< `history` of them, oldest first; variance 0: no data
  RampFit fit_;                      ///< of levels_
  PeriodClock clock_;
  LevelMean filling_;
  double squares_ = 0;    ///< residuals of newest periods, squared, forgotten slowly
  double products_ = 0;   ///< of consecutive ones
  double residuals_ = 0;  ///< number of them
  double last_residual_ = 0;
};

}  // namespace tidewatch
