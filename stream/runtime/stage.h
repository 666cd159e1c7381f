#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "detectors/core/result.h"
#include "stream/runtime/effects.h"
#include "stream/runtime/record.h"

namespace tidewatch {

/// Input offset that says "nothing before the next record is needed".
inline constexpr int64_t kNothingNeeded = std::numeric_limits<int64_t>::max();

/// A pure state machine over one partition of its input. It reads no clock, file, socket or random device; its outputs
/// are a function of the calls made to it. One instance per task (stage × partition); never called concurrently.
///
/// Life: `restore` for each compacted state record of the partition, then `resume(watermark)` once, then (replay, with
/// outputs dropped, from the oldest record needed; then live) `on_record` in offset order and `on_watermark` with
/// times that never go back. A replay makes exactly the calls of the first run, so state needs no other store.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual void on_record(const Record& record, Effects& out) = 0;

  /// Event time has reached `watermark`: no record to come is older, but late ones. Called once per commit, after the
  /// records, also when nothing has changed (stages flush what they combined over the commit here).
  virtual void on_watermark(Timestamp watermark, Effects& out) = 0;

  /// Oldest input offset whose record the short-lived state still depends on; kNothingNeeded when none.
  virtual int64_t needed_from() const { return kNothingNeeded; }

  /// What the stage promises downstream: it will emit nothing older (late data excepted).
  virtual Timestamp output_watermark() const = 0;

  /// One record of this stage in the compacted state topic; an Error (wrong version, corrupt) is reported and the
  /// entity starts afresh.
  virtual Status restore(std::string_view key, std::string_view value) {
    static_cast<void>(key);
    static_cast<void>(value);
    return ok_status();
  }

  /// All state records were given; `watermark` is the last one applied before the stop (kMinTimestamp: first start).
  virtual void resume(Timestamp watermark) { static_cast<void>(watermark); }
};

}  // namespace tidewatch
