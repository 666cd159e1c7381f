#include "stream/assemble/span_tree.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tidewatch {

SpanTree::SpanTree(const std::vector<TraceSpan>& spans) : parents_(spans.size()) {
  find_parents(spans);

  std::vector<size_t> sorted(spans.size());
  std::iota(sorted.begin(), sorted.end(), size_t{0});
  std::sort(sorted.begin(), sorted.end(), [&](size_t a, size_t b) {
    const auto& x = spans[a].facts;
    const auto& y = spans[b].facts;
    return std::tuple(x.start_unix_nano(), x.span_id()) < std::tuple(y.start_unix_nano(), y.span_id());
  });
  cut_cycles(sorted);

  std::vector<std::vector<size_t>> children(spans.size());
  std::vector<size_t> stack;
  for (const size_t span : sorted)
    if (parents_[span]) children[*parents_[span]].push_back(span);
  for (auto span = sorted.rbegin(); span != sorted.rend(); ++span)
    if (!parents_[*span]) stack.push_back(*span);
  while (!stack.empty()) {
    const size_t span = stack.back();
    stack.pop_back();
    order_.push_back(span);
    stack.insert(stack.end(), children[span].rbegin(), children[span].rend());
  }

  const auto entry = [&](auto is_entry) -> std::optional<size_t> {
    const auto found = std::find_if(sorted.begin(), sorted.end(), is_entry);
    return found == sorted.end() ? std::nullopt : std::optional(*found);
  };
  root_ = entry([&](size_t span) { return spans[span].facts.parent_span_id().empty(); });
  if (!root_)
    root_ =
        entry([&](size_t span) { return !parents_[span] && spans[span].facts.operation() == v1::OPERATION_SERVER; });
}

void SpanTree::find_parents(const std::vector<TraceSpan>& spans) {
  absl::flat_hash_map<std::string_view, size_t> by_id;
  by_id.reserve(spans.size());
  for (size_t i = 0; i < spans.size(); ++i) by_id.emplace(spans[i].facts.span_id(), i);
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto found = by_id.find(spans[i].facts.parent_span_id());
    if (found != by_id.end() && found->second != i) parents_[i] = found->second;
  }
}

void SpanTree::cut_cycles(const std::vector<size_t>& sorted) {
  enum class Mark : unsigned char { fresh, on_path, done };
  std::vector<Mark> marks(parents_.size(), Mark::fresh);
  std::vector<size_t> rank(parents_.size());
  for (size_t i = 0; i < sorted.size(); ++i) rank[sorted[i]] = i;
  for (size_t start = 0; start < parents_.size(); ++start) {
    std::vector<size_t> path;
    std::optional<size_t> at = start;
    while (at && marks[*at] == Mark::fresh) {
      marks[*at] = Mark::on_path;
      path.push_back(*at);
      at = parents_[*at];
    }
    if (at && marks[*at] == Mark::on_path) {
      const auto cycle = std::find(path.begin(), path.end(), *at);
      parents_[*std::min_element(cycle, path.end(), [&](size_t a, size_t b) { return rank[a] < rank[b]; })].reset();
    }
    for (const size_t span : path) marks[span] = Mark::done;
  }
}

}  // namespace tidewatch
