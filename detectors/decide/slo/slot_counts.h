#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// Events and how many of them were bad, over some time. May be below 0 where corrections come late.
struct SloCounts {
  double events = 0;
  double bad = 0;
  // So many would tell as much, had none been sampled:
  double effective = 0;
  double effective_bad = 0;

  static SloCounts of(double events, double bad) { return {events, bad, events, bad}; }
  static SloCounts sampled(double events, double bad, double effective) {
    return {events, bad, effective, events > 0 ? bad * effective / events : bad};
  }
  double rate() const { return events > 0 ? bad / events : 0; }
};

/// Counts by slots of equal width, as many as are asked for: what a rolling window is summed from. Kept in thousandths,
/// so that sums do not depend on the order of adding. 32 bytes a slot, a few bytes each in saved state.
class SlotCounts {
 public:
  explicit SlotCounts(Duration width) : width_(width) {}

  /// `now` is in the present slot from now on; those that ended more than `length` before it are forgotten.
  void advance(Timestamp now, Duration length);
  /// False: the slot of `time` is not kept any more, or has not begun (advance()).
  bool add(Timestamp time, const SloCounts& counts);

  /// From `start` on: of the slot that it lies in the part that follows it.
  struct Window {
    Timestamp start{};
    SloCounts counts;
  };
  Window since(Timestamp start) const { return since(start, start, 0); }
  /// The same, reaching further back, slot by slot but not beyond `limit`, until there are `least` events.
  Window since(Timestamp start, Timestamp limit, double least) const;

  size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }  ///< beside itself
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false: cut off, or such times cannot be

 private:
  struct Slot {
    int64_t events = 0;
    int64_t bad = 0;
    int64_t effective = 0;
    int64_t effective_bad = 0;
  };
  Duration width_;
  Timestamp present_ = kMinTimestamp;  ///< start of the newest slot; kMinTimestamp: none yet
  std::vector<Slot> slots_;            ///< the oldest first
};

}  // namespace tidewatch
