#pragma once

#include <limits>

#include "detectors/core/boxed.h"
#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/sketch/exact_sum.h"

namespace tidewatch {

/// Count, mean, variance and extremes of weighted real values. Merging is exactly commutative and associative, and
/// equals adding every value to one object, bit for bit: the sums are exact (exact_sum.h), so the variance needs no
/// running mean (Welford) to survive cancellation: values 1e9 ± 1 keep theirs to 1e-9.
/// A negative weight withdraws a value, except from min() and max().
class Moments {
 public:
  static constexpr double kMaxMagnitude = 1e140;  ///< larger values are rejected: their squares would overflow

  /// Whether the value was taken: not NaN, not above kMaxMagnitude, and of a usable weight (weight.h).
  bool add(double value, double weight = 1.0);
  void merge(const Moments& other);

  double weight() const { return weight_; }    ///< Σw, below 0 only amid corrections
  double effective_count() const;              ///< Kish: (Σw)²/Σw²
  double sum() const { return sum_.value(); }  ///< Σwx
  double sum_of_weighted_squares() const;  ///< Σ(wx)²: the variance of Σwx when values arrive as a Poisson stream
  double mean() const;                     ///< NaN when empty
  double variance() const;  ///< of the values: unbiased (reliability weights); NaN with less than two values
  /// Sampling variance of mean(): variance() / effective_count() where all weights are ±1; else the linearised variance
  /// Σw²(x - m)² / (Σw)² of a ratio under Poisson sampling (Särndal, Swensson & Wretman 1992, 5.7) times n/(n - 1), n
  /// the effective count, which holds also where the weights have to do with the values. NaN with less than two values.
  double variance_of_mean() const;
  double min() const { return min_; }  ///< NaN when empty
  double max() const { return max_; }  ///< NaN when empty
  bool empty() const { return weight_ == 0 && squared_weight_ == 0; }

  void serialize(ByteWriter& out) const;
  static Result<Moments> deserialize(ByteReader& in);

 private:
  double weight_ = 0;
  double squared_weight_ = 0;  ///< Σ sign(w)·w²
  ExactSum sum_;               ///< Σwx
  ExactSum squares_;           ///< Σwx²
  double min_ = std::numeric_limits<double>::quiet_NaN();
  double max_ = std::numeric_limits<double>::quiet_NaN();
  /// What the sums of squared weights have beyond those of the weights: nothing while all of them are ±1.
  struct Excess {
    ExactSum square;  ///< Σ sign(w)·(wx)² - wx²
    ExactSum sum;     ///< Σ sign(w)·w²x - wx
  };
  Boxed<Excess> excess_;
};

}  // namespace tidewatch
