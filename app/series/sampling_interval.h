#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "detectors/core/time.h"

namespace tidewatch {

/// The time between the rows of a series, as far as they have come: the median of the last distances, so that a gap or
/// two rows of one moment do not count.
class SamplingInterval {
 public:
  /// Of the row at `time`, which is taken into account. Five minutes while there is only one.
  Duration next(Timestamp time) {
    if (has_last_ && time > last_) {
      gaps_[count_ % gaps_.size()] = time - last_;
      count_ += 1;
    }
    last_ = time;
    has_last_ = true;
    if (count_ == 0) return std::chrono::minutes(5);
    auto sorted = gaps_;
    const size_t known = std::min(count_, gaps_.size());
    auto* const middle = sorted.begin() + known / 2;
    std::nth_element(sorted.begin(), middle, sorted.begin() + known);
    return *middle;
  }

 private:
  std::array<Duration, 9> gaps_{};
  size_t count_ = 0;
  Timestamp last_{};
  bool has_last_ = false;
};

}  // namespace tidewatch
