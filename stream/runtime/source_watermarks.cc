#include "stream/runtime/source_watermarks.h"

#include <algorithm>

namespace tidewatch {

SourceWatermarks::SourceWatermarks(const std::vector<std::string>& expected, Duration stall_timeout, Timestamp now)
    : stall_timeout_(stall_timeout) {
  for (const auto& name : expected) sources_[name].last_heard = now;
}

void SourceWatermarks::heard(std::string_view name, Timestamp watermark, bool idle, Timestamp now) {
  auto found = sources_.find(name);
  if (found == sources_.end()) found = sources_.emplace(std::string(name), Source{}).first;  // a partition was added
  Source& source = found->second;
  source.watermark = std::max(source.watermark, watermark);
  source.idle = idle;
  source.heard = true;
  source.stalled = false;
  source.last_heard = now;
}

Timestamp SourceWatermarks::advance(Timestamp now) {
  Timestamp least = kMaxTimestamp;      // of the sources that are waited for
  Timestamp idle_most = kMinTimestamp;  // of those that have given all they had
  bool any = false;
  bool all_heard = true;
  for (auto& [name, source] : sources_) {
    source.stalled = source.stalled || now - source.last_heard > stall_timeout_;
    if (source.idle && source.heard) idle_most = std::max(idle_most, source.watermark);
    if (source.stalled || source.idle) continue;
    all_heard = all_heard && source.heard;
    least = std::min(least, source.watermark);
    any = true;
  }
  // With every source idle, nothing that was read is waited for any more: time is where the furthest of them is.
  if (all_heard) current_ = std::max(current_, any ? least : idle_most);
  return current_;
}

void SourceWatermarks::restore(Timestamp applied) { current_ = std::max(current_, applied); }

bool SourceWatermarks::all_idle() const {
  return std::all_of(sources_.begin(), sources_.end(),
                     [](const auto& entry) { return entry.second.idle || entry.second.stalled; });
}

}  // namespace tidewatch
