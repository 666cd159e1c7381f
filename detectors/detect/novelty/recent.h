#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// The last values of a series, for means over them.
class Recent {
 public:
  explicit Recent(size_t length) : values_(length) {}

  /// Of the last length - 1 values and `next`: what the mean will be when it has been added.
  double mean_with(double next) const {
    const size_t known = std::min<size_t>(count_, values_.size());
    double sum = next;
    // The oldest, which `next` will push out, stands at the place where it will go.
    for (size_t i = 0; i < known; ++i) sum += i == count_ % values_.size() ? 0 : values_[i];
    return sum / static_cast<double>(std::min<size_t>(count_ + 1, values_.size()));
  }
  void add(double value) { values_[count_++ % values_.size()] = value; }

  size_t memory_bytes() const { return values_.size() * sizeof(double); }  ///< beyond the object itself
  void save(ByteWriter& out) const {
    out.put(count_);
    for (const double value : values_) out.put(value);
  }
  bool load(ByteReader& in) {
    count_ = in.get<uint64_t>();
    bool is_good = true;
    for (double& value : values_) {
      value = in.get<double>();
      is_good = is_good && std::isfinite(value);
    }
    return in.ok() && is_good;
  }

 private:
  std::vector<double> values_;  ///< a ring
  uint64_t count_ = 0;          ///< ever added
};

}  // namespace tidewatch
