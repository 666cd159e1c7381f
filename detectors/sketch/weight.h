#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// Weights of observations: 1 for one seen in full, 1/p for one sampled with probability p, negative for a withdrawn
/// one. They are rounded to multiples of 2^-20, so that sums of weights are exact in a double up to 2^33 and do not
/// depend on the order of adding and merging.
inline constexpr double kWeightResolution = 1.0 / (1 << 20);
inline constexpr double kMaxWeight = 1e9;

/// The weight as it is counted; 0 (the observation is ignored) when it is not finite or its size is above kMaxWeight.
inline double quantise_weight(double weight) {
  if (weight == 1.0) return weight;
  if (!(std::abs(weight) <= kMaxWeight)) return 0;
  // The last bit of a double in [2^32, 2^33) is worth 2^-20: adding moves the rounding there.
  constexpr double kRound = 1.5 * 4294967296.0;
  return (weight + kRound) - kRound;
}

/// w² with the sign of w, so that a withdrawal takes back what its observation added to the sum of squares behind
/// Kish's effective size. Rounded to 2^-12 for the same reason as weights: exact up to 2^41.
inline double signed_square(double weight) {
  if (weight == 1.0) return weight;
  const double square = std::min(weight * weight, 1e11);
  constexpr double kRound = 1.5 * 1099511627776.0;
  const double rounded = (square + kRound) - kRound;
  return weight < 0 ? -rounded : rounded;
}

/// Kish's effective number of observations (Σw)²/Σw²; 0 when nothing (or less, amid corrections) is left.
inline double effective_size(double sum, double sum_of_squares) {
  return sum > 0 && sum_of_squares > 0 ? sum * sum / sum_of_squares : 0;
}

/// Sums of weights on the wire: whole numbers below 32 take one byte.
void put_weight(ByteWriter& out, double value);
double get_weight(ByteReader& in);

}  // namespace tidewatch
