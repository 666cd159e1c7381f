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
  Timestamp least = kMaxTimestamp;
  bool any = false;
  for (auto& [name, source] : sources_) {
    source.stalled = source.stalled || now - source.last_heard > stall_timeout_;
    if (source.stalled || source.idle) continue;
    if (!source.heard) return current_;
    least = std::min(least, source.watermark);
    any = true;
  }
  if (any) current_ = std::max(current_, least);
  return current_;
}

void SourceWatermarks::restore(Timestamp applied) { current_ = std::max(current_, applied); }

bool SourceWatermarks::all_idle() const {
  return std::all_of(sources_.begin(), sources_.end(),
                     [](const auto& entry) { return entry.second.idle || entry.second.stalled; });
}

}  // namespace tidewatch
