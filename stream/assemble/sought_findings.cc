#include "stream/assemble/sought_findings.h"

#include <algorithm>

#include "stream/runtime/stage.h"

namespace tidewatch {

void SoughtFindings::add(Item item) {
  const int64_t offset = item.offset;
  by_span_[item.fragment.sought_span()].push_back(offset);
  expiring_.emplace(item.expires_at, offset);
  items_.emplace(offset, std::move(item));
}

std::vector<SoughtFindings::Item> SoughtFindings::take(std::string_view span_id) {
  std::vector<Item> out;
  const auto found = by_span_.find(absl::string_view(span_id.data(), span_id.size()));
  if (found == by_span_.end()) return out;
  const auto offsets = found->second;
  for (const int64_t offset : offsets) {
    out.push_back(items_.at(offset));
    forget(offset);
  }
  return out;
}

void SoughtFindings::expire(Timestamp watermark) {
  while (!expiring_.empty() && expiring_.begin()->first <= watermark) forget(expiring_.begin()->second);
}

int64_t SoughtFindings::oldest_offset() const { return items_.empty() ? kNothingNeeded : items_.begin()->first; }

void SoughtFindings::forget(int64_t offset) {
  const auto item = items_.find(offset);
  const auto of_span = by_span_.find(item->second.fragment.sought_span());
  std::erase(of_span->second, offset);
  if (of_span->second.empty()) by_span_.erase(of_span);
  expiring_.erase({item->second.expires_at, offset});
  items_.erase(item);
}

}  // namespace tidewatch
