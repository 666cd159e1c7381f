#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// A sum of doubles that does not depend on the order of adding or merging: re-partitioned, replayed and differently
/// batched runs give the same bytes. (After Demmel & Nguyen, "Parallel Reproducible Summation", 2015, with integers.)
/// Terms are cut into 32-bit pieces on a fixed grid of exponents; the pieces from 32 bits below the largest term's last
/// bit upwards are summed as integers, the rest is cut off. So each term is exact to 2^-84 of the largest one, and
/// cancellation costs no more than that.
/// Limits: 2^31 terms; terms must be finite. A withdrawn term (the same with the other sign) cancels exactly.
class ExactSum {
 public:
  void add(double term);                 ///< pre: finite
  void add_product(double a, double b);  ///< adds a·b without rounding it first (Dekker 1971)
  void merge(const ExactSum& other);
  double value() const;  ///< the sum, rounded; relative error at most 2^-51
  bool is_zero() const;

  void serialize(ByteWriter& out) const;        ///< part of an enclosing format: no version of its own
  static ExactSum deserialize(ByteReader& in);  ///< any bytes give some sum; the reader knows whether they were there

 private:
  static constexpr size_t kPieces = 4;
  void raise(int limb);  ///< moves the grid up so that `limb` is the highest low piece of a term

  std::array<int64_t, kPieces> pieces_{};  ///< pieces_[i] counts units of 2^(32·(limb_ - 1 + i) - 1074)
  int16_t limb_ = 0;                       ///< largest low limb of any term so far
};

}  // namespace tidewatch
