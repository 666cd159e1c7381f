#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstddef>
#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// A symmetric matrix as what is kept of it: the lower triangle, in single precision. A quarter of the memory of a
/// square of doubles. Values are rounded when they are set, so what is loaded goes on as what was saved.
class Triangle {
 public:
  explicit Triangle(Eigen::Index size, float value = 0)
      : size_(size), values_(static_cast<size_t>(size * (size + 1) / 2), value) {}

  double at(Eigen::Index i, Eigen::Index j) const { return values_[place(i, j)]; }
  void set(Eigen::Index i, Eigen::Index j, double value) { values_[place(i, j)] = static_cast<float>(value); }
  void set_row(Eigen::Index i, double value) {
    for (Eigen::Index j = 0; j < size_; ++j) set(i, j, value);
  }
  Eigen::Index size() const { return size_; }
  Eigen::MatrixXd square() const {
    Eigen::MatrixXd out(size_, size_);
    for (Eigen::Index i = 0; i < size_; ++i)
      for (Eigen::Index j = 0; j < size_; ++j) out(i, j) = at(i, j);
    return out;
  }

  size_t memory_bytes() const { return sizeof(Triangle) + values_.capacity() * sizeof(float); }
  void save(ByteWriter& out) const {
    for (const float value : values_) out.put(value);
  }
  /// False when a value is missing or not in [least, most].
  bool load(ByteReader& in, double least, double most) {
    for (float& value : values_) {
      value = in.get<float>();
      if (!(value >= least && value <= most)) return false;
    }
    return in.ok();
  }

 private:
  static size_t place(Eigen::Index i, Eigen::Index j) {
    if (i < j) return place(j, i);
    return static_cast<size_t>(i * (i + 1) / 2 + j);
  }

  Eigen::Index size_;
  std::vector<float> values_;
};

}  // namespace tidewatch
