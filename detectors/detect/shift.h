#pragma once

#include <array>
#include <cmath>
#include <tuple>

#include "detectors/detect/long_run_variance.h"
#include "detectors/detect/recalibration.h"
#include "detectors/detect/series.h"

namespace tidewatch {

struct ShiftParams : BaselineParams {
  double reference = 0.5;            ///< larger allowance k, in standard deviations of a window
  double excursion_half_life = 288;  ///< windows
  double bound = 4;                  ///< standard deviations

  static constexpr auto table() {
    return std::tuple_cat(
        BaselineParams::table(),
        params(field("reference", &ShiftParams::reference, range(0.05, 3.0),
                     "half the shift that is found soonest; two fifths of that "
                     "shift is found well too",
                     "standard deviations"),
               field("excursion_half_life", &ShiftParams::excursion_half_life, range(8, 1e5),
                     "windows until an old excursion counts half", "windows"),
               field("bound", &ShiftParams::bound, range(1, 37),
                     "most that one window counts: single outliers are for point", "standard deviations")));
  }
};

/// Sustained small change of the level: two-sided CUSUM (Page 1954; Lucas & Crosier 1982) on standardised residuals,
/// the normal scores of the predictive tails of the measure's kind.
///
/// S <- max(0, S·2^(-1/half_life) + z - k) on each side. Under no change S is a reflected random walk with drift -k,
/// pulled back by the forgetting; the tail of its stationary distribution is that of the diffusion with Siegmund's
/// correction for the excess over the boundary (Sequential Analysis, 1985): P(S > h) = erfc((k + g(h + 0.583))/√g) /
/// erfc(k/√g) with g = ln 2 / half_life, which is exp(-2k(h + 0.583)) without forgetting. Two allowances are at work,
/// `reference` and two fifths of it, so that a shift of half a standard deviation is found as well as one of a whole
/// one; surprise is -log2 of the smaller tail, less 0.8 bits for the choice, as the past of the series bears it out
/// (recalibration.h).
/// Three things would make chance look like a shift, and are taken out first. The error of the level, common to all
/// windows, widens k by its standard deviation. That of the season, common to the windows of an hour, and serial
/// correlation scale the scores by the root of the long-run variance, which is learnt (long_run_variance.h).
///
/// A change that has ended is noticed by a likelihood ratio of "back" against "still there", and S starts anew.
class Shift final : public Detector {
 public:
  using Params = ShiftParams;
  Shift(const Params& params, size_t observations) : params_(params) { static_cast<void>(observations); }

  /// `value` and effects speak of the level since the change, `since_windows` of when S was last 0.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return series_.warm(params_); }
  const Baseline* lent() const override { return series_.lent(params_); }
  void borrow(const Baseline& relative, double between) override { series_.borrow(params_, relative, between); }
  std::optional<uint32_t> borrowing() const override { return series_.borrowing(params_); }
  size_t memory_bytes() const override { return sizeof(Shift) - sizeof(Series) + series_.memory_bytes(); }
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  /// One side's CUSUM; `sign` +1 looks for higher levels, -1 for lower.
  struct Side {
    float sum = 0;
    float windows = 0;             ///< since sum was 0
    float scores = 0;              ///< total of the signed scores since then
    float evidence_of_return = 0;  ///< nats
    void take(double score, double allowance, double decay);
    double level(double allowance) const { return windows > 0 ? static_cast<double>(scores / windows) : allowance; }
  };
  /// Both sides for one allowance.
  struct Pair {
    Side up;
    Side down;
  };
  static constexpr size_t kAllowances = 2;
  using Pairs = std::array<Pair, kAllowances>;
  static double season_errors(const Prediction& prediction, Duration width);
  double standardised(const Reading& reading, Duration width) const;
  double allowance(size_t index, const Prediction& prediction) const;
  void take(Pairs& pairs, const Reading& reading, Duration width) const;
  double decay() const { return std::exp2(-1.0 / params_.excursion_half_life); }
  double p_value(const Side& side, double allowance) const;
  /// The smaller tail of the two allowances on each side, less the choice.
  Tail tail_of(const Pairs& pairs, const Prediction& prediction) const;
  const Side& further(const Pairs& pairs, const Prediction& prediction, Direction side) const;

  Params params_;
  Series series_;
  Pairs pairs_;  ///< by allowance, the larger first
  LongRunVariance long_run_;
  Recalibration recalibration_;
};

}  // namespace tidewatch
