#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"
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

  void save(ByteWriter& out) const {
    out.put(static_cast<uint64_t>(count_));
    out.put(static_cast<uint8_t>(has_last_));
    out.put(last_.time_since_epoch().count());
    for (const Duration gap : gaps_) out.put(gap.count());
  }
  /// False when what was read is not an interval.
  bool load(ByteReader& in) {
    count_ = in.get<uint64_t>();
    has_last_ = in.get<uint8_t>() != 0;
    last_ = Timestamp(Duration(in.get<int64_t>()));
    for (Duration& gap : gaps_) gap = Duration(in.get<int64_t>());
    return in.ok();
  }

 private:
  std::array<Duration, 9> gaps_{};
  size_t count_ = 0;
  Timestamp last_{};
  bool has_last_ = false;
};

}  // namespace tidewatch
