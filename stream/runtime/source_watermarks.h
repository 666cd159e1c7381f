#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/time.h"

namespace tidewatch {

/// The watermark of a task's input: the minimum over the upstream tasks that write to it. An idle source does not hold
/// the others back; neither does one silent for longer than `stall_timeout`, which is reported. Until every expected
/// source was heard of (or has stalled) there is no watermark, so that a fast source cannot close panes of a slow one.
/// When all are idle it is the furthest of them: all that there is was read.
/// Never goes back.
class SourceWatermarks {
 public:
  struct Source {
    Timestamp watermark = kMinTimestamp;
    bool idle = false;
    bool heard = false;
    bool stalled = false;
    Timestamp last_heard{};  ///< wall clock
  };

  /// `now`: wall clock, from which the silence of a source not heard yet is measured.
  SourceWatermarks(const std::vector<std::string>& expected, Duration stall_timeout, Timestamp now);

  /// A mark read from the input. A watermark older than the source's last one is ignored.
  void heard(std::string_view source, Timestamp watermark, bool idle, Timestamp now);
  /// Applies the wall clock, then the rules above.
  Timestamp advance(Timestamp now);
  /// After a restart: the current watermark never was behind this.
  void restore(Timestamp applied);

  Timestamp current() const { return current_; }
  bool all_idle() const;  ///< every source is idle or stalled
  const std::map<std::string, Source, std::less<>>& sources() const { return sources_; }

 private:
  std::map<std::string, Source, std::less<>> sources_;
  Duration stall_timeout_;
  Timestamp current_ = kMinTimestamp;
};

}  // namespace tidewatch
