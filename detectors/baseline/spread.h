#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// Variance between windows beyond what sampling explains (tau², on the baseline's scale), by the method of moments:
/// the mean of (squared residual - variance already explained), each window weighted by how much it can tell, shrunk to
/// a prior so that a young series is neither certain nor blind.
class Spread {
 public:
  Spread() = default;
  explicit Spread(double prior_variance) : prior_(prior_variance) {}

  double variance() const { return std::max(0.0, (kPriorWindows * prior_ + sum_) / (kPriorWindows + weight_)); }
  /// Degrees of freedom of a window's total variance `total`: 2 total² / var(estimate of total).
  double degrees_of_freedom(double total) const {
    const double relative = reference_ > 0 ? total / reference_ : 1.0;
    return (kPriorWindows + weight_) * relative * relative;
  }

  /// `explained`: the part of the expected squared residual that is not tau². `weight` in [0, 1].
  void learn(double residual, double explained, double weight, double half_life) {
    if (!(weight > 0)) return;
    const double total = explained + variance();
    const double decay = std::exp2(-1.0 / half_life);
    // A running harmonic mean of the total variance, as slow as the rest: what a typical informative window looks like.
    // Quiet nights must not become typical, or the little they tell would outweigh the days.
    const double share = weight * std::max(1 - decay, 1.0 / (2 + weight_));
    const double before = reference_ > 0 ? reference_ : total;
    reference_ = 1.0 / (1.0 / before + share * (1.0 / total - 1.0 / before));
    // What was learnt before keeps its weight relative to what is learnt now.
    const double rescaled = std::min(1.0, (reference_ / before) * (reference_ / before));
    sum_ *= rescaled;
    weight_ *= rescaled;
    const double tells = weight * std::min(1.0, (reference_ / total) * (reference_ / total));
    const double squared = std::min(residual * residual, kClip * kClip * total);
    sum_ = decay * sum_ + tells * (squared - explained);
    weight_ = decay * weight_ + tells;
  }
  /// What a series without a past may begin with: this one's variance, worth the few windows of any prior.
  Spread as_prior() const {
    Spread out(variance());
    out.reference_ = reference_;
    return out;
  }
  /// What was learnt is void; `variance` is the guess until more is seen.
  void restart(double variance) { *this = Spread(variance); }
  /// The scale was stretched: all variances are multiplied.
  void rescale(double factor) {
    prior_ *= factor;
    sum_ *= factor;
    reference_ *= factor;
  }

  void save(ByteWriter& out) const {
    for (const double value : {prior_, sum_, weight_, reference_}) out.put(value);
  }
  bool load(ByteReader& in) {
    for (double* value : {&prior_, &sum_, &weight_, &reference_}) *value = in.get<double>();
    return in.ok() && std::isfinite(sum_) && std::isfinite(reference_) && prior_ >= 0 && weight_ >= 0 && weight_ < 1e12;
  }

 private:
  static constexpr double kPriorWindows = 8;  ///< how many windows the prior is worth
  static constexpr double kClip = 4;          ///< standard deviations a single window may claim
  double prior_ = 0.04;
  double sum_ = 0;  ///< of squared residual - explained
  double weight_ = 0;
  double reference_ = 0;  ///< typical total variance; 0: none yet
};

}  // namespace tidewatch
