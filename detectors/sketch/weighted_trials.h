#pragma once

#include <cstddef>

#include "detectors/core/boxed.h"
#include "detectors/core/bytes.h"

namespace tidewatch {

/// Successes and failures of weighted trials (weight.h). Merging is exactly commutative and associative. 24 bytes while
/// all weights are ±1.
class WeightedTrials {
 public:
  void add(bool success, double weight);  ///< pre: quantised
  void merge(const WeightedTrials& other);

  double weight() const { return successes_ + failures_; }  ///< Σw, below 0 only amid corrections
  double successes() const { return successes_; }           ///< Σw of the successes
  double failures() const { return failures_; }             ///< Σw of the failures
  double rate() const;                                      ///< Σwx / Σw (Hájek); pre: weight() > 0

  /// How many trials of weight 1 would tell the rate as well: r(1 - r)/V with V = Σw²(x - r)² / (Σw)², the linearised
  /// variance of a ratio under Poisson sampling (Särndal, Swensson & Wretman 1992, 5.7). Where the weights have nothing
  /// to do with the outcome this is Kish's (Σw)²/Σw²; where the successes were sought out and so have small weights it
  /// is more. Both are taken with one success and one failure of typical weight (Σw²/Σw) added and two trials taken
  /// off, so that an outcome that is rare, or was not seen at all, among trials of large weights is not taken for
  /// known. Equal weights: the number of trials, exactly. 0: nothing (or less, amid corrections) is left.
  double effective_size() const;

  bool is_weighted() const { return static_cast<bool>(squares_); }  ///< some weight was not ±1
  bool empty() const;                                               ///< nothing was added, or all was withdrawn
  size_t memory_bytes() const;

  void serialize(ByteWriter& out) const;  ///< part of an enclosing format, which says whether it is weighted
  /// `has_outcomes` false: an older form, with one sum of squares for both outcomes; it is divided as the weights are.
  static WeightedTrials deserialize(ByteReader& in, bool is_weighted, bool has_outcomes);

 private:
  struct Squares {
    double successes = 0;  ///< Σ sign(w)·w²
    double failures = 0;
  };
  Squares squares() const { return squares_ ? *squares_ : Squares{successes_, failures_}; }

  double successes_ = 0;
  double failures_ = 0;
  Boxed<Squares> squares_;  ///< none while they equal the sums
};

}  // namespace tidewatch
