#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Findings that name only a span, kept while requests are waited for. Every task has a copy, so that none says
/// anything of one whose span it does not have. They hold no watermark back: a span that ended before its finding was
/// given is here when the watermark passes the finding, unless it is late itself.
class SoughtFindings {
 public:
  struct Item {
    v1::Fragment fragment;
    int64_t offset = 0;
    Timestamp expires_at{};
  };

  bool empty() const { return items_.empty(); }
  void add(Item item);
  /// Removes and returns what waits for a span, in the order in which it came.
  std::vector<Item> take(std::string_view span_id);
  void expire(Timestamp watermark);
  int64_t oldest_offset() const;  ///< kNothingNeeded when nothing waits

 private:
  void forget(int64_t offset);

  std::map<int64_t, Item> items_;  ///< by offset
  std::set<std::pair<Timestamp, int64_t>> expiring_;
  absl::flat_hash_map<std::string, std::vector<int64_t>> by_span_;
};

}  // namespace tidewatch
