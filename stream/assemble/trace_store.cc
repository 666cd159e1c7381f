#include "stream/assemble/trace_store.h"

#include <tuple>

#include "detectors/sketch/distinct.h"
#include "stream/runtime/stage.h"

namespace tidewatch {
namespace {

template <typename Visit>
void for_each_span(const Trace& trace, const Visit& visit) {
  for (const auto& span : trace.spans) visit(span.facts.span_id());
  for (const auto& mark : trace.marks) visit(mark.span_id);
}

}  // namespace

bool TraceStore::earlier(const std::pair<Timestamp, Trace*>& a, const std::pair<Timestamp, Trace*>& b) {
  return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
}

void TraceStore::move(Order& order, Trace* trace, Timestamp& from, Timestamp to) {
  if (from == to) return;
  if (from != kMaxTimestamp) order.erase({from, trace});
  if (to != kMaxTimestamp) order.insert({to, trace});
  from = to;
}

Trace* TraceStore::find(std::string_view id) {
  const auto found = traces_.find(absl::string_view(id.data(), id.size()));
  return found == traces_.end() ? nullptr : found->second.trace.get();
}

Trace& TraceStore::create(std::string_view id, int64_t first_offset) {
  auto& scheduled = traces_[std::string(id)];
  TW_CHECK(!scheduled.trace, "a trace is created once");
  scheduled.trace = std::make_unique<Trace>();
  scheduled.trace->id = std::string(id);
  scheduled.trace->first_offset = first_offset;
  by_offset_[first_offset] = scheduled.trace.get();
  return *scheduled.trace;
}

Trace* TraceStore::find_by_span(std::string_view span_id) {
  if (!has_span_index_) {
    has_span_index_ = true;
    for (const auto& [id, scheduled] : traces_)
      for_each_span(*scheduled.trace, [&](std::string_view span) { holds_span(*scheduled.trace, span); });
  }
  const auto found = by_span_.find(hash_key(span_id));
  return found == by_span_.end() ? nullptr : found->second;
}

void TraceStore::holds_span(Trace& trace, std::string_view span_id) {
  if (has_span_index_) by_span_.emplace(hash_key(span_id), &trace);
}

void TraceStore::forget_spans(const Trace& trace) {
  if (!has_span_index_) return;
  for_each_span(trace, [&](std::string_view span) {
    const auto found = by_span_.find(hash_key(span));
    if (found != by_span_.end() && found->second == &trace) by_span_.erase(found);
  });
}

void TraceStore::needs(Trace& trace, int64_t offset) {
  if (offset >= trace.first_offset) return;
  by_offset_.erase(trace.first_offset);
  trace.first_offset = offset;
  by_offset_[offset] = &trace;
}

void TraceStore::reschedule(Trace& trace) {
  auto& scheduled = traces_.at(trace.id);
  move(closing_, &trace, scheduled.closes_at, trace.is_closed ? kMaxTimestamp : trace.closes_at);
  move(holding_, &trace, scheduled.hold, trace.hold());
  move(expiring_, &trace, scheduled.expires_at, trace.expires_at);
}

Trace* TraceStore::next_to_close(Timestamp watermark) {
  return closing_.empty() || closing_.begin()->first > watermark ? nullptr : closing_.begin()->second;
}

void TraceStore::expire(Timestamp watermark, const std::function<void(const Trace&)>& last) {
  while (!expiring_.empty() && expiring_.begin()->first <= watermark) {
    Trace* trace = expiring_.begin()->second;
    last(*trace);
    expiring_.erase(expiring_.begin());
    by_offset_.erase(trace->first_offset);
    forget_spans(*trace);
    traces_.erase(trace->id);
  }
}

int64_t TraceStore::oldest_offset() const { return by_offset_.empty() ? kNothingNeeded : by_offset_.begin()->first; }

Timestamp TraceStore::oldest_hold() const { return holding_.empty() ? kMaxTimestamp : holding_.begin()->first; }

}  // namespace tidewatch
