#pragma once

#include <optional>
#include <span>

#include "detectors/baseline/carry.h"
#include "detectors/baseline/coverage.h"
#include "detectors/baseline/hourly_spread.h"
#include "detectors/baseline/level.h"
#include "detectors/baseline/level_lag.h"
#include "detectors/baseline/params.h"
#include "detectors/baseline/season.h"
#include "detectors/baseline/spread.h"
#include "detectors/baseline/transform.h"
#include "detectors/core/bytes.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// What a baseline expects of one window, before seeing its value. All variances are on `scale`.
struct Prediction {
  bool known = false;  ///< false: nothing was learnt yet, and nothing below means anything
  MeasureKind kind = MeasureKind::distribution;
  Scale scale = Scale::log;
  double location = 0;            ///< on the scale
  double expected = 0;            ///< in the measure's own units
  double information = 0;         ///< rate: n·p·(1-p); sum: expected number of unit events; else 0
  double unit_size = 1;           ///< sum: mean size of one unit event
  double sampling_variance = 0;   ///< of a window of this size, if nothing changed
  double level_variance = 0;      ///< how well level and season are known
  double season_variance = 0;     ///< the season's part of it: one error for all windows of an hour
  double process_variance = 0;    ///< natural variation between windows (tau²)
  double degrees_of_freedom = 3;  ///< of the total variance

  double latent_variance() const { return level_variance + process_variance; }  ///< of the window's true value
  double total_variance() const { return sampling_variance + latent_variance(); }
};

/// How a window is to be learnt.
struct Lesson {
  double weight = 1;              ///< [0, 1]: robustness and anomaly; 0 learns nothing
  bool anomalous = false;         ///< counts towards `adapt_after`
  bool confirmed_normal = false;  ///< a person or a rule says: this is how it is now. Takes the new level at once.
};

/// What is expected of a series: level + slow drift + season + natural variation (by hour of the day), on the scale of
/// its kind (rates: logit; sums, distinct counts and positive values: log). One window is one step of an approximate
/// Kalman filter on the generalised linear model of the kind: residuals and their variances come from counts, so a rate
/// of 0 of 3 says little and 0 of 3000 much, and no logarithm of zero is taken.
///
/// The kind is that of the first observation learnt; others are ignored. Not thread-safe. Parameters are passed in, so
/// that a million baselines share one copy; they may change between calls.
class Baseline {
 public:
  /// Sampling size (n, trials, variance and the value it is relative to) is taken from `size_of`.
  /// What is normal for any window of this hour: level and season, so that an incident that lasts is not expected.
  Prediction predict(const BaselineParams& params, const Observation& size_of, SeasonSlot slot) const;

  /// What will be seen `ahead` windows after the last one learnt, be it normal or not: the windows just before count
  /// too. Narrower where neighbouring windows resemble each other, and as wide as 95 % of them needed so far.
  Prediction forecast(const BaselineParams& params, const Observation& size_of, SeasonSlot slot,
                      double ahead = 1) const;

  /// Learns a window. Missing ones only let the level be forgotten. `width` tells windows per hour. True when a new
  /// level was taken at once (`adapt_after`, confirmed_normal).
  bool learn(const BaselineParams& params, const Observation& seen, SeasonSlot slot, Duration width, Lesson lesson);

  /// Distance of `seen` from `prediction` on its scale: the linearised residual, unbiased also where counts are small.
  double residual(const Prediction& prediction, const Observation& seen) const;

  /// Begins with what a relative knows: its level, as far as relatives differ (`between`, a variance on the scale), its
  /// spread and its season, each worth a few windows, so that own windows take over. A copy: later they go their own
  /// ways. Pre: nothing was learnt; `relative` knows its level.
  void borrow(const BaselineParams& params, const Baseline& relative, double between);
  /// Variance of the levels of relatives around this one, on its scale: what these `others` show of it, drawn towards
  /// what is usual for the kind of the measure (borrowing.cc). Pre: their levels are known, and so is this one's.
  double variance_between(std::span<const Baseline* const> others) const;
  /// Windows of its own, while it is warm by what was borrowed alone.
  std::optional<uint32_t> borrowing(const BaselineParams& params) const;

  double windows() const { return windows_; }  ///< windows with data learnt so far, of its own
  bool warm(const BaselineParams& params) const { return is_borrowed_ || has_own_past(params); }
  bool has_own_past(const BaselineParams& params) const { return windows_ >= params.warm_up; }
  MeasureKind kind() const { return kind_; }     ///< of what was learnt
  double anomalous_run() const { return run_; }  ///< windows counted towards `adapt_after`

  size_t memory_bytes() const {
    return sizeof(Baseline) - sizeof(Season) + season_.memory_bytes() - sizeof(HourlySpread) + hourly_.memory_bytes();
  }
  void save(ByteWriter& out) const;
  Status load(ByteReader& in);  ///< errors: `unknown_version`, `corrupt`

 private:
  /// Beside `predict`: what the windows just before add, and that the level moves on `ahead` windows.
  Prediction predict_beside(const BaselineParams& params, const Observation& size_of, SeasonSlot slot,
                            Carry::Latent carried, double ahead) const;
  double usual_variance(const BaselineParams& params) const;  ///< between windows, of all hours
  double process_variance(const BaselineParams& params, SeasonSlot slot) const;
  void judge_forecasts(const Prediction& expected, const Observation& seen, double residual_seen,
                       Carry::Latent carried);
  void learn_spread(const BaselineParams& params, const Prediction& expected, double residual_seen, SeasonSlot slot,
                    double visits, double weight);
  double reach_of(const Prediction& expected, const Observation& seen, double residual_seen) const;
  void start(const BaselineParams& params, const Observation& seen);
  void leave_log_scale();
  void learn_sizes(const Observation& seen, double weight, double half_life);
  double bounded_run_step(double step, double noise) const;
  bool adapt(const BaselineParams& params, double residual, double noise, Lesson lesson);
  double information_at(double location, const Observation& size_of) const;
  double smallest_variance(const BaselineParams& params) const;
  double sampling_variance_of(const Observation& size_of, double expected) const;

  MeasureKind kind_ = MeasureKind::distribution;
  Scale scale_ = Scale::log;
  bool is_borrowed_ = false;  ///< it began with what a relative knew
  Level level_;
  Season season_;
  Spread spread_;
  HourlySpread hourly_;
  LevelLag lag_;
  Carry carry_;
  Coverage next_;             ///< of forecasts of the next window
  Coverage later_;            ///< of those that know nothing of the windows just before
  double unit_variance_ = 0;  ///< distribution: variance of one value (log scale: relative to its square)
  double unit_weight_ = 0;    ///< observations behind it
  double log_unit_size_ = 0;  ///< sum: log of the mean size of one unit event
  double windows_ = 0;
  double run_ = 0;           ///< anomalous windows in a row on one side, leaking one by normal window
  double run_residual_ = 0;  ///< their recent mean residual: where the new level would be
  double run_spread_ = 0;    ///< their recent mean absolute deviation from it
};

}  // namespace tidewatch
