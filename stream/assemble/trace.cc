#include "stream/assemble/trace.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "stream/assemble/source_order.h"
#include "stream/assemble/usage.h"

namespace tidewatch {
namespace {

/// A span with what logs add to it: the span's own word counts where both speak.
v1::SpanFacts merged(const v1::SpanFacts& addition, const v1::SpanFacts& span) {
  v1::SpanFacts out = addition;
  if (!span.finish_reasons().empty()) out.clear_finish_reasons();
  out.MergeFrom(span);
  out.set_start_unix_nano(span.start_unix_nano());
  out.set_end_unix_nano(span.end_unix_nano());
  out.set_parent_span_id(span.parent_span_id());
  out.set_from_log(false);
  return out;
}

using MarksById = absl::flat_hash_map<std::string_view, const SpanMark*>;

std::vector<const SpanMark*> marks_above(const v1::SpanFacts& late, const MarksById& by_id) {
  std::vector<const SpanMark*> out;
  // Broken producers make cycles: no way up is longer than the number of marks.
  for (auto above = by_id.find(late.parent_span_id()); above != by_id.end() && out.size() < by_id.size();
       above = by_id.find(above->second->parent_span_id))
    out.push_back(above->second);
  return out;
}

std::vector<const SpanMark*> marks_below(const v1::SpanFacts& late, const std::vector<SpanMark>& marks,
                                         const MarksById& by_id) {
  std::vector<const SpanMark*> out;
  absl::flat_hash_map<std::string_view, bool> is_below = {{late.span_id(), true}};
  std::vector<std::string_view> path;
  for (const SpanMark& mark : marks) {
    path.clear();
    std::string_view at = mark.span_id;
    while (is_below.emplace(at, false).second) {  // false until known, which also ends cycles
      path.push_back(at);
      const auto found = by_id.find(at);
      if (found == by_id.end()) break;
      at = found->second->parent_span_id;
    }
    const bool reaches_late = is_below.at(at);
    for (const auto& id : path) is_below[id] = reaches_late;
    if (reaches_late) out.push_back(&mark);
  }
  return out;
}

/// As UsageBelow says, of what was counted already.
UsageBelow used_below(const v1::SpanFacts& late, const std::vector<const SpanMark*>& below, const MarksById& by_id,
                      std::optional<double> Usage::*quantity) {
  const auto is_stated_between = [&](const SpanMark& call) {
    size_t steps = 0;
    for (auto at = by_id.find(call.parent_span_id); at != by_id.end() && steps < by_id.size(); ++steps) {
      if (at->first == late.span_id()) return false;
      if (at->second->counted.*quantity) return true;
      at = by_id.find(at->second->parent_span_id);
    }
    return false;
  };
  UsageBelow out;
  for (const SpanMark* mark : below) {
    out.counted += (mark->counted.*quantity).value_or(0);
    out.is_stated |= (mark->counted.*quantity).has_value();
  }
  if (!out.is_stated) return out;
  out.has_silent_call = std::any_of(below.begin(), below.end(), [&](const SpanMark* mark) {
    return mark->is_model_call && !mark->has_failed && !(mark->counted.*quantity) && !is_stated_between(*mark);
  });
  return out;
}

}  // namespace

bool Trace::has_mark(std::string_view span_id) const {
  return std::any_of(marks.begin(), marks.end(), [&](const auto& mark) { return mark.span_id == span_id; });
}

Trace::Added Trace::add_span(const v1::SpanFacts& facts, const v1::Source& source, size_t max_spans) {
  const bool is_full = spans.size() + additions.size() >= max_spans;
  if (facts.from_log()) {
    const std::string bytes = facts.SerializeAsString();
    const auto known = std::find_if(additions.begin(), additions.end(), [&](const auto& addition) {
      return addition.facts.span_id() == facts.span_id() && addition.facts.SerializeAsString() == bytes;
    });
    if (known != additions.end()) {
      if (comes_before(source, known->source)) known->source = source;
      return Added::duplicate;
    }
    if (is_full) return Added::over_limit;
    additions.push_back({facts, source});
    return Added::yes;
  }
  const auto span = std::find_if(spans.begin(), spans.end(),
                                 [&](const auto& known) { return known.facts.span_id() == facts.span_id(); });
  if (span != spans.end()) {
    if (comes_before(source, span->source)) span->source = source;
    return Added::duplicate;
  }
  if (is_full) return Added::over_limit;
  spans.push_back({facts, source});
  has_root |= facts.parent_span_id().empty();
  return Added::yes;
}

std::vector<v1::Source> Trace::sources_of_spans() const {
  std::vector<v1::Source> out;
  for (const auto* part : {&spans, &additions})
    for (const TraceSpan& span : *part) out.push_back(span.source);
  std::sort(out.begin(), out.end(), comes_before);
  const auto is_same = [](const v1::Source& a, const v1::Source& b) {
    return !comes_before(a, b) && !comes_before(b, a);
  };
  out.erase(std::unique(out.begin(), out.end(), is_same), out.end());
  return out;
}

void Trace::join_additions() {
  if (additions.empty()) return;
  absl::flat_hash_map<std::string_view, std::vector<std::string>> by_span;
  for (const auto& [facts, source] : additions) by_span[facts.span_id()].push_back(facts.SerializeAsString());
  for (auto& span : spans) {
    const auto found = by_span.find(span.facts.span_id());
    if (found == by_span.end()) continue;
    std::sort(found->second.begin(), found->second.end());
    for (const auto& bytes : found->second) {
      v1::SpanFacts addition;
      if (addition.ParseFromString(bytes)) span.facts = merged(addition, span.facts);
    }
  }
}

void Trace::close(const Request& request, const PriceList& prices) {
  is_closed = true;
  spans_hold = events_hold = kMaxTimestamp;
  labels = request.labels;
  exemplar = request.exemplar();
  time = request.time;
  absl::flat_hash_map<std::string_view, const Call*> calls;
  for (const Call& call : request.calls) calls.emplace(call.facts().span_id(), &call);
  marks.reserve(spans.size());
  for (const auto& span : spans) {
    SpanMark& mark = marks.emplace_back();
    mark.span_id = span.facts.span_id();
    mark.parent_span_id = span.facts.parent_span_id();
    mark.has_failed = span.facts.error();
    const auto call = calls.find(mark.span_id);
    if (call == calls.end()) continue;
    mark.counted = call->second->usage;
    mark.counted.cost_usd = prices.cost_of(*call->second);
    mark.is_model_call = call->second->is_model_call;
  }
  spans = {};
  additions = {};
}

LateSpan Trace::judge_late(const v1::SpanFacts& late) const {
  LateSpan out;
  out.usage = stated_usage(late);
  out.is_model_call = late.operation() == v1::OPERATION_LLM;
  MarksById by_id;
  by_id.reserve(marks.size());
  for (const SpanMark& mark : marks) by_id.emplace(mark.span_id, &mark);
  const auto below = marks_below(late, marks, by_id);
  for (const SpanMark* mark : below) out.is_model_call &= !mark->is_model_call;
  for (const auto quantity : kQuantities)
    out.usage.*quantity = counts_above(out.usage.*quantity, used_below(late, below, by_id, quantity));
  for (const SpanMark* above : marks_above(late, by_id)) {
    out.is_model_call &= !above->is_model_call;
    for (const auto quantity : kQuantities)
      if (above->counted.*quantity) (out.usage.*quantity).reset();
    out.usage.is_cost_stated_above |= above->counted.cost_usd.has_value();
  }
  return out;
}

}  // namespace tidewatch
