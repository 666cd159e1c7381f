#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/core/time.h"
#include "stream/assemble/trace.h"

namespace tidewatch {

/// The traces of one task, with the order in which they close and expire. Everything it says depends on the traces'
/// own records alone, so that a replay from the oldest record needed rebuilds it.
class TraceStore {
 public:
  Trace* find(std::string_view id);
  Trace& create(std::string_view id, int64_t first_offset);
  /// The trace that holds a span, open or closed. The first call begins an index of the spans of all traces: only who
  /// is asked pays for it. Of traces that share a span's id, which only broken producers make, any.
  Trace* find_by_span(std::string_view span_id);
  /// To be called for each span that a trace comes to hold.
  void holds_span(Trace& trace, std::string_view span_id);
  /// What the trace knows depends on an older record than its first fragment.
  void needs(Trace& trace, int64_t offset);
  /// To be called after closes_at, expires_at, hold or is_closed were changed.
  void reschedule(Trace& trace);

  Trace* next_to_close(Timestamp watermark);  ///< oldest first; nullptr: none is due
  /// Forgets what has expired; `last` is called with each before.
  void expire(Timestamp watermark, const std::function<void(const Trace&)>& last);

  int64_t oldest_offset() const;  ///< of a trace that is kept; kNothingNeeded when none is
  Timestamp oldest_hold() const;  ///< kMaxTimestamp when nothing is held back
  size_t open() const { return closing_.size(); }
  size_t size() const { return traces_.size(); }

 private:
  struct Scheduled {
    std::unique_ptr<Trace> trace;
    // Where it stands in the orders below.
    Timestamp closes_at = kMaxTimestamp;
    Timestamp expires_at = kMaxTimestamp;
    Timestamp hold = kMaxTimestamp;
  };
  using Order = std::set<std::pair<Timestamp, Trace*>,
                         bool (*)(const std::pair<Timestamp, Trace*>&, const std::pair<Timestamp, Trace*>&)>;
  static bool earlier(const std::pair<Timestamp, Trace*>& a, const std::pair<Timestamp, Trace*>& b);
  void forget_spans(const Trace& trace);
  static void move(Order& order, Trace* trace, Timestamp& from, Timestamp to);

  absl::flat_hash_map<std::string, Scheduled> traces_;
  Order closing_{&earlier};
  Order expiring_{&earlier};
  Order holding_{&earlier};
  std::map<int64_t, Trace*> by_offset_;
  bool has_span_index_ = false;
  absl::flat_hash_map<uint64_t, Trace*> by_span_;  ///< by hash of the span's id
};

}  // namespace tidewatch
