#pragma once

#include <cstdint>
#include <limits>

#include "detectors/core/bytes.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// Gathers windows into periods of a fixed length (UTC), for detectors that judge days or hours.
class PeriodClock {
 public:
  explicit PeriodClock(Duration period) : period_(period) {}

  /// What has to happen before a window is gathered: how many periods end (0: it belongs to the one that is filling),
  /// and whether the first of them was seen from its start. Negative: the window lies before it, and is to be ignored.
  struct Step {
    int64_t ended = 0;
    bool is_whole = false;
  };
  Step begin(const Window& window);
  /// The same after it was gathered: 1 when it reaches the end of its period.
  Step end(const Window& window);

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when the bytes are out of range

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::min();
  int64_t index_of(Timestamp at) const;
  Step move_to(int64_t index);

  Duration period_;
  int64_t index_ = kNone;  ///< of the period that is filling, since 1970
  bool is_whole_ = false;
};

}  // namespace tidewatch
