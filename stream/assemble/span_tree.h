#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "stream/assemble/request.h"

namespace tidewatch {

/// Who called whom among the spans of a trace. Cycles, which only broken producers make, are cut at their earliest
/// span.
class SpanTree {
 public:
  explicit SpanTree(const std::vector<TraceSpan>& spans);

  /// Indices from the entry down, parents before children; siblings by start, then span id: the same whatever the order
  /// in which spans arrived.
  const std::vector<size_t>& order() const { return order_; }
  std::optional<size_t> parent(size_t span) const { return parents_[span]; }
  /// The entry: the earliest span without parent, else the earliest server span whose caller is not here.
  std::optional<size_t> root() const { return root_; }

 private:
  void find_parents(const std::vector<TraceSpan>& spans);
  void cut_cycles(const std::vector<size_t>& sorted);
  std::vector<std::optional<size_t>> parents_;
  std::vector<size_t> order_;
  std::optional<size_t> root_;
};

}  // namespace tidewatch
