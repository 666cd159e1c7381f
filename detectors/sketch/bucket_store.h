#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// Signed weights by bucket index: sorted pairs while few are occupied (12 bytes each), one array over the occupied
/// span when many are and the span allows it (8 bytes a bucket). Which of the two is invisible outside.
/// At most `max_buckets` are occupied; beyond that the two lowest become one at the upper index. The outcome does not
/// depend on the order of adding and merging (unless weights cancel to exactly 0 while buckets collapse).
class BucketStore {
 public:
  explicit BucketStore(uint16_t max_buckets) : max_buckets_(max_buckets) {}

  void add(int32_t index, double weight) {
    const auto at = static_cast<uint32_t>(index) - static_cast<uint32_t>(base_);
    if (is_dense_ && at < weights_.size()) [[likely]]
      weights_[at] += weight;
    else
      add_slowly(index, weight);
  }
  void merge(const BucketStore& other);

  /// Calls visit(index, weight) for every bucket whose weight is not 0, lowest index first.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (size_t i = 0; i < weights_.size(); ++i)
      if (weights_[i] != 0) visit(is_dense_ ? base_ + static_cast<int32_t>(i) : indices_[i], weights_[i]);
  }
  size_t occupied() const;
  uint16_t max_buckets() const { return max_buckets_; }
  size_t heap_bytes() const { return indices_.capacity() * sizeof(int32_t) + weights_.capacity() * sizeof(double); }

  void serialize(ByteWriter& out) const;  ///< part of an enclosing format: no version of its own
  /// Fills an empty store; false when the bytes cannot be of a store of this size with indices in ±max_index.
  bool deserialize(ByteReader& in, int32_t max_index);

 private:
  void add_slowly(int32_t index, double weight);
  void add_sparse(int32_t index, double weight);
  bool grow_dense(int32_t index);  ///< false when the span would exceed max_buckets
  void to_dense();
  void to_sparse();

  std::vector<int32_t> indices_;  ///< sparse: sorted
  std::vector<double> weights_;   ///< sparse: parallel to indices_; dense: of base_, base_ + 1, ...
  int32_t base_ = 0;
  uint16_t max_buckets_;
  bool is_dense_ = false;
};

}  // namespace tidewatch
