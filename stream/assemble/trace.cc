#include "stream/assemble/trace.h"

#include <algorithm>

#include "stream/assemble/usage.h"

namespace tidewatch {
namespace {

/// A span with what logs add to it: the span's own word counts where both speak.
v1::SpanFacts merged(const v1::SpanFacts& addition, const v1::SpanFacts& span) {
  v1::SpanFacts out = addition;
  if (!span.finish_reasons().empty()) out.clear_finish_reasons();
  if (out.start_unix_nano() != 0 && span.start_unix_nano() != 0) out.clear_start_unix_nano();
  out.MergeFrom(span);
  out.set_from_log(false);
  return out;
}

}  // namespace

bool Trace::has_span(std::string_view span_id) const {
  return std::any_of(spans.begin(), spans.end(), [&](const auto& s) { return s.facts.span_id() == span_id; }) ||
         std::any_of(marks.begin(), marks.end(), [&](const auto& m) { return m.span_id == span_id; });
}

bool Trace::add_span(const v1::SpanFacts& facts, const v1::Source& source) {
  const auto of = [&](std::vector<TraceSpan>& list) {
    return std::find_if(list.begin(), list.end(), [&](const auto& s) { return s.facts.span_id() == facts.span_id(); });
  };
  const auto span = of(spans);
  if (facts.from_log()) {
    if (span != spans.end()) {
      span->facts = merged(facts, span->facts);
    } else if (const auto other = of(additions); other != additions.end()) {
      other->facts.MergeFrom(facts);
    } else {
      additions.push_back({facts, source});
    }
    return true;
  }
  if (span != spans.end()) return false;
  if (const auto addition = of(additions); addition != additions.end()) {
    spans.push_back({merged(addition->facts, facts), source});
    additions.erase(addition);
  } else {
    spans.push_back({facts, source});
  }
  has_entry |= facts.parent_span_id().empty() || facts.operation() == v1::OPERATION_SERVER;
  return true;
}

void Trace::close(const Request& request) {
  is_closed = true;
  labels = request.labels;
  exemplar = request.exemplar();
  for (const auto& span : spans) marks.push_back({span.facts.span_id(), span.facts.parent_span_id(), {}});
  for (const Call& call : request.calls)
    if (!call.usage.empty())
      for (auto& mark : marks)
        if (mark.span_id == call.facts().span_id()) mark.counted = call.usage;
  spans = {};
  additions = {};
}

Usage Trace::uncounted(const v1::SpanFacts& late) const {
  Usage out = stated_usage(late);
  const auto parent_of = [&](std::string_view span_id) -> const SpanMark* {
    const auto found = std::find_if(marks.begin(), marks.end(), [&](const auto& m) { return m.span_id == span_id; });
    return found == marks.end() ? nullptr : &*found;
  };
  const auto without = [&](const Usage& counted) {
    for (const auto quantity : {&Usage::input_tokens, &Usage::output_tokens, &Usage::cached_tokens,
                                &Usage::cache_write_tokens, &Usage::reasoning_tokens, &Usage::cost_usd})
      if (counted.*quantity) (out.*quantity).reset();
  };
  size_t steps = 0;  // broken producers make cycles
  for (const SpanMark* above = parent_of(late.parent_span_id()); above != nullptr && ++steps <= marks.size();
       above = parent_of(above->parent_span_id))
    without(above->counted);
  for (const SpanMark& mark : marks) {
    if (mark.counted.empty()) continue;
    steps = 0;
    for (const SpanMark* at = &mark; at != nullptr && ++steps <= marks.size(); at = parent_of(at->parent_span_id))
      if (at->parent_span_id == late.span_id()) {
        without(mark.counted);
        break;
      }
  }
  return out;
}

}  // namespace tidewatch
