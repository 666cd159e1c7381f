#pragma once

#include <cstddef>
#include <memory>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/sketch/quantile.h"

namespace tidewatch {

/// Quantiles of real numbers: a QuantileSketch for each sign (the one for negative values only when there are any), so
/// the error bound is relative to the size of the value on both sides. The same guarantees as QuantileSketch.
class RealQuantiles {
 public:
  RealQuantiles() = default;
  RealQuantiles(const RealQuantiles& other);
  RealQuantiles(RealQuantiles&&) noexcept = default;
  RealQuantiles& operator=(const RealQuantiles& other);
  RealQuantiles& operator=(RealQuantiles&&) noexcept = default;
  ~RealQuantiles() = default;

  void add(double value, double weight = 1.0) {
    if (value < 0) [[unlikely]]
      negative().add(-value, weight);
    else
      positive_.add(value, weight);
  }
  void merge(const RealQuantiles& other);

  double quantile(double q) const;                                   ///< of rank floor(q·(count - 1)); NaN when empty
  double quantile_variance(double q, double effective_count) const;  ///< order_statistic_variance()
  double count() const;
  /// Calls visit(value, weight) for what is kept, in no order: values within the relative error, weights not 0.
  template <typename Visit>
  void for_each(Visit visit) const {
    if (negative_) negative_->for_each([&](double size, double weight) { visit(-size, weight); });
    positive_.for_each(visit);
  }
  // Σ weights of values that are not told apart from `value`, and of higher ones. All sketches tell apart the same.
  double count_at(double value) const;
  double count_above(double value) const;

  size_t memory_bytes() const;
  void serialize(ByteWriter& out) const;
  static Result<RealQuantiles> deserialize(ByteReader& in);

 private:
  double value_at_rank(double rank, double negatives) const;
  QuantileSketch& negative();

  QuantileSketch positive_;
  std::unique_ptr<QuantileSketch> negative_;  ///< of the sizes of negative values
};

}  // namespace tidewatch
