#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"
#include "detectors/sketch/bucket_store.h"

namespace tidewatch {

/// Quantiles of non-negative values with bounded relative error (DDSketch; Masson, Rim & Lee, VLDB 2019).
/// quantile(q) is within a factor (1 ± relative_error) of the exact value for every q in [0, 1], denormals included;
/// zero is exact. Memory: one counter per occupied bucket; at most `max_buckets`, then the smallest values collapse
/// upwards, and only quantiles that fall among them lose the bound (by default 1024 buckets: a factor of 6e8 between
/// the largest and the smallest value when all between are occupied).
/// A negative weight withdraws a value; buckets may be negative until the partial with the value itself is merged.
/// Merging is commutative and associative, bit for bit; the result equals one sketch of all values.
/// Not thread-safe. add: some 6 ns, 1.2 times a push_back of the value
/// to a std::vector (tests/bench/sketch_bench.cc).
class QuantileSketch {
 public:
  static constexpr double kDefaultError = 0.01;
  static constexpr uint16_t kDefaultBuckets = 1024;

  /// Pre: relative_error in [1e-5, 0.5], max_buckets >= 8.
  explicit QuantileSketch(double relative_error = kDefaultError, uint16_t max_buckets = kDefaultBuckets);

  /// Values that are negative, NaN or infinite are counted in rejected(). Weights: see weight.h.
  void add(double value, double weight = 1.0);
  void merge(const QuantileSketch& other);  ///< pre: has_shape_of(other)

  double quantile(double q) const;          ///< lower quantile: the value of rank floor(q·(count - 1)); NaN when empty
  double value_at_rank(double rank) const;  ///< ranks count from 0, by weight; NaN when empty
  double count() const;                     ///< Σ weights of the values taken; never below 0
  /// Calls visit(value, weight) for what is kept, smallest value first: values within the relative error, weights not
  /// 0.
  template <typename Visit>
  void for_each(Visit visit) const {
    if (zero_ != 0) visit(0.0, zero_);
    buckets_.for_each([&](int32_t index, double weight) { visit(value_of(index), weight); });
  }
  double count_at(double value) const;     ///< Σ weights of those in the bucket of `value`. Pre: value >= 0
  double count_above(double value) const;  ///< Σ weights of those in higher buckets. Pre: value >= 0
  double rejected() const { return rejected_; }
  bool empty() const { return zero_ == 0 && rejected_ == 0 && buckets_.occupied() == 0; }
  double relative_error() const { return relative_error_; }
  bool has_shape_of(const QuantileSketch& other) const {
    return relative_error_ == other.relative_error_ && buckets_.max_buckets() == other.buckets_.max_buckets();
  }

  /// Sampling variance of quantile(q) as an estimate of the population's, from `effective_count` independent values:
  /// see order_statistic_variance(). NaN when empty.
  double quantile_variance(double q, double effective_count) const;

  size_t memory_bytes() const { return sizeof(*this) + buckets_.heap_bytes(); }
  void serialize(ByteWriter& out) const;
  static Result<QuantileSketch> deserialize(ByteReader& in);

 private:
  int32_t index_of(double value) const;
  double value_of(int32_t index) const;

  BucketStore buckets_;
  double zero_ = 0;
  double rejected_ = 0;
  double relative_error_;
  double multiplier_;  ///< buckets per unit of approximate log2
};

/// Distribution-free variance of a sample quantile: the values at ranks one binomial standard deviation below and above
/// (q ± sqrt(q(1-q)/n), between ranks interpolated) are one standard error away. At least one rank is stepped; where a
/// side falls off the sample (p99 of 20 values), the wider one speaks for both. The sketch's own resolution is added.
/// With less than two values the error is taken to be as large as the value. `quantile` is monotone on [0, 1].
template <typename Quantile>
double order_statistic_variance(const Quantile& quantile, double q, double effective_count, double relative_error) {
  if (!(effective_count >= 2)) return quantile(q) * quantile(q);
  const double ranks = effective_count - 1;
  const auto between_ranks = [&](double at) {
    const double rank = std::clamp(at, 0.0, 1.0) * ranks;
    const double below = std::floor(rank);
    // A hair more, so that a rank divided and multiplied again is not rounded to the one below.
    const auto value_at = [&](double whole) { return quantile(std::min(1.0, whole / ranks * (1 + 1e-14))); };
    const double value = value_at(below);
    return rank > below ? value + (rank - below) * (value_at(below + 1) - value) : value;
  };
  const double value = between_ranks(q);
  const double step = std::max(std::sqrt(q * (1 - q) / effective_count), 1 / effective_count);
  const double below = value - between_ranks(q - step);
  const double above = between_ranks(q + step) - value;
  const bool is_cut = q - step < 0 || q + step > 1;
  const double half_width = is_cut ? std::max(below, above) : (below + above) / 2;
  const double resolution = relative_error * value;
  return half_width * half_width + resolution * resolution / 3;
}

}  // namespace tidewatch
