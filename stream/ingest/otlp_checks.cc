#include "stream/ingest/otlp_checks.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tidewatch {
namespace {

constexpr size_t kTraceIdBytes = 16;
constexpr size_t kSpanIdBytes = 8;

bool is_zero(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) { return c == 0; });
}

Status check_trace_id(std::string_view id) {
  if (id.size() == kTraceIdBytes && !is_zero(id)) return ok_status();
  return Error{"bad_trace_id", fmt::format("the trace id has {} bytes{}; it must be 16 bytes that are not all zero",
                                           id.size(), id.empty() || !is_zero(id) ? "" : ", all zero")};
}

Status check_span_id(std::string_view what, std::string_view id) {
  if (id.size() == kSpanIdBytes && !is_zero(id)) return ok_status();
  return Error{"bad_span_id", fmt::format("the {} has {} bytes{}; it must be 8 bytes that are not all zero", what,
                                          id.size(), id.empty() || !is_zero(id) ? "" : ", all zero")};
}

Result<Timestamp> to_time(uint64_t nano) {
  if (nano == 0) return Error{"bad_time", "no time is stated: set start and end (spans) or time (log records)"};
  if (nano > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return Error{"bad_time", fmt::format("the time {} ns is out of range (after the year 2262)", nano)};
  return Timestamp(Duration(static_cast<int64_t>(nano)));
}

}  // namespace

const OtlpValue* find_attribute(const OtlpAttributes& attributes, std::string_view key) {
  for (const auto& attribute : attributes)
    if (attribute.key == key) return attribute.value.kind == OtlpValue::Kind::null ? nullptr : &attribute.value;
  return nullptr;
}

Status check_past(Timestamp time, Timestamp latest) {
  if (time <= latest) return ok_status();
  const auto text = [](Timestamp of) {
    return absl::FormatTime(absl::RFC3339_full, absl::FromUnixNanos(of.time_since_epoch().count()),
                            absl::UTCTimeZone());
  };
  return Error{"future_time", fmt::format("the time {} is in the future (after {}): is its clock right, and is it in "
                                          "nanoseconds?",
                                          text(time), text(latest))};
}

Status finish_span(OtlpSpan& span, uint64_t start_nano, uint64_t end_nano, Timestamp latest) {
  if (auto ok = check_trace_id(span.trace_id); !ok) return ok;
  if (auto ok = check_span_id("span id", span.span_id); !ok) return ok;
  // Several exporters write the absent parent as zeros.
  if (is_zero(span.parent_span_id)) span.parent_span_id.clear();
  if (!span.parent_span_id.empty())
    if (auto ok = check_span_id("parent span id", span.parent_span_id); !ok) return ok;
  const auto start = to_time(start_nano != 0 ? start_nano : end_nano);
  if (!start) return start.error();
  const auto end = to_time(end_nano != 0 ? end_nano : start_nano);
  if (!end) return end.error();
  span.start = *start;
  span.end = std::max(*start, *end);
  return check_past(span.end, latest);
}

Status finish_log(OtlpLog& log, uint64_t time_nano, uint64_t observed_nano, Timestamp latest) {
  if (is_zero(log.trace_id)) log.trace_id.clear();
  if (is_zero(log.span_id)) log.span_id.clear();
  if (!log.trace_id.empty())
    if (auto ok = check_trace_id(log.trace_id); !ok) return ok;
  if (!log.span_id.empty())
    if (auto ok = check_span_id("span id", log.span_id); !ok) return ok;
  const auto time = to_time(time_nano != 0 ? time_nano : observed_nano);
  if (!time) return time.error();
  log.time = *time;
  return check_past(log.time, latest);
}

}  // namespace tidewatch
