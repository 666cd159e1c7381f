#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include "detectors/core/bytes.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// A histogram whose bins go where the data are: at most 128 centroids, of which the two closest are merged when one
/// more is needed (Ben-Haim & Tom-Tov, JMLR 11, 2010). Exact up to 128 different values; beyond, an error of about the
/// smallest gap between centroids, so tails and gaps stay where they were. 1.5 kB; O(128) a value. Not mergeable with
/// another's result: order matters.
class CentroidHistogram {
 public:
  static constexpr size_t kCentroids = 128;

  /// Values that are not finite, and weights that are not positive, are ignored.
  void add(double value, double weight = 1);
  void halve();  ///< every weight: what was seen so far counts half of what will be seen

  double weight() const { return total_; }
  bool empty() const { return size_ == 0; }
  double weight_within(double low, double high) const;  ///< in [low, high)
  double weight_from(double low) const { return weight_within(low, std::numeric_limits<double>::infinity()); }
  double distance_to(double value) const;             ///< of the nearest centroid; infinite when empty
  double quantile(double q) const;                    ///< NaN when empty
  double least() const { return values_[0]; }         ///< pre: not empty
  double most() const { return values_[size_ - 1]; }  ///< pre: not empty

  void save(ByteWriter& out) const;  ///< of the same size whatever was added
  bool load(ByteReader& in);         ///< false when what was read is not a histogram; then nothing means anything

 private:
  size_t first_from(double value) const;
  void merge_closest();

  std::array<double, kCentroids + 1> values_{};  ///< ascending; one place for the newcomer before a merge
  std::array<float, kCentroids + 1> weights_{};
  size_t size_ = 0;
  double total_ = 0;
};

}  // namespace tidewatch
