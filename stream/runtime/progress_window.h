#pragma once

#include <cstdint>
#include <deque>

namespace tidewatch {

/// Where a task's entries lie in the progress topic: which of them a restart still needs. A restart needs the entries
/// after the oldest record it replays, and the last one before it: the watermark the replay begins with.
class ProgressWindow {
 public:
  /// `from`: where to read when there is no entry yet.
  explicit ProgressWindow(int64_t from = 0) : from_(from) {}

  /// An entry was written at `offset` of the progress topic. In commit order.
  void add(int64_t processed_through, int64_t offset) { entries_.push_back({processed_through, offset}); }

  /// Offset at or before the first entry a restart needs; forgets older ones. `needed_from` may not go back.
  int64_t needed_from(int64_t input_offset) {
    while (entries_.size() > 1 && entries_[1].processed_through <= input_offset) entries_.pop_front();
    if (!entries_.empty()) from_ = entries_.front().offset;
    return from_;
  }

 private:
  struct Entry {
    int64_t processed_through;
    int64_t offset;
  };
  std::deque<Entry> entries_;
  int64_t from_;
};

}  // namespace tidewatch
