#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/verdict.h"

namespace tidewatch {

/// How far out a value lies under a predictive distribution: both one-sided p-values, each accurate far into its tail
/// (to 1e-290), so never one minus the other.
///
/// Discrete kinds use mid-p: P(beyond) + P(equal) / 2. Its mean under the null is exactly 1/2 for every sample size, so
/// that sums over windows (shift, multivariate) do not drift; the conservative p-value P(beyond or equal) would
/// silently make small series blind. The price: a single window of few events may exceed b bits up to twice as often as
/// 2^-b.
struct Tail {
  double lower = 1;  ///< P(what is seen or lower)
  double upper = 1;  ///< P(what is seen or higher)

  Direction direction() const { return upper < lower ? Direction::up : Direction::down; }
  /// The p-value that counts when only `asked` is of interest; two-sided for `either`.
  double p_value(Direction asked) const {
    if (asked == Direction::up) return std::clamp(upper, 0.0, 1.0);
    if (asked == Direction::down) return std::clamp(lower, 0.0, 1.0);
    return std::clamp(2 * std::min(lower, upper), 0.0, 1.0);
  }
};

inline double surprise_of(double p_value) {
  return p_value > 0 ? std::clamp(0.0 - std::log2(p_value), 0.0, kMaxSurprise) : kMaxSurprise;
}

}  // namespace tidewatch
