#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/request.h"
#include "tidewatch/v1/fragment.pb.h"

namespace tidewatch {

/// Seconds of event time, as the tests write it; t0 is the start of a pane of any width up to an hour.
inline constexpr double kT0 = 3600.0 * 1000;
inline Timestamp at(double seconds) {
  return Timestamp(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(kT0 + seconds)));
}
inline int64_t nanos(double seconds) { return at(seconds).time_since_epoch().count(); }

/// A span from `start` to `end` (seconds after t0).
inline v1::SpanFacts span(std::string_view id, std::string_view parent, double start, double end,
                          v1::Operation operation) {
  v1::SpanFacts out;
  out.set_span_id(std::string(id));
  out.set_parent_span_id(std::string(parent));
  out.set_start_unix_nano(nanos(start));
  out.set_end_unix_nano(nanos(end));
  out.set_operation(operation);
  return out;
}

inline void label(v1::SpanFacts& facts, std::string_view name, std::string_view value) {
  auto* row = facts.add_labels();
  row->set_name(std::string(name));
  row->set_value(std::string(value));
}

/// The entry of a request of service "shop" at endpoint "/chat".
inline v1::SpanFacts root(std::string_view id, double start, double end) {
  auto out = span(id, "", start, end, v1::OPERATION_SERVER);
  label(out, "service", "shop");
  label(out, "endpoint", "/chat");
  return out;
}

/// A call of a model; tokens below zero: not stated.
inline v1::SpanFacts llm(std::string_view id, std::string_view parent, double start, double end,
                         std::string_view model = "gpt-x", int input = 100, int output = 20) {
  auto out = span(id, parent, start, end, v1::OPERATION_LLM);
  out.set_request_model(std::string(model));
  out.set_provider("openai");
  if (input >= 0) out.set_input_tokens(static_cast<uint64_t>(input));
  if (output >= 0) out.set_output_tokens(static_cast<uint64_t>(output));
  return out;
}

/// The answer's text was there.
inline void answered(v1::SpanFacts& facts, bool is_refusal = false) {
  facts.mutable_signals()->set_output_chars(80);
  facts.mutable_signals()->set_refusal(is_refusal);
}

inline void failed(v1::SpanFacts& facts, std::string_view kind) {
  facts.set_error(true);
  facts.set_error_kind(std::string(kind));
}

inline v1::Fragment fragment(std::string_view trace, const std::vector<v1::SpanFacts>& spans, int64_t offset = 0,
                             int32_t partition = 0) {
  v1::Fragment out;
  out.set_trace_id(std::string(trace));
  out.mutable_source()->set_topic("otlp_spans");
  out.mutable_source()->set_partition(partition);
  out.mutable_source()->set_offset(offset);
  for (const auto& facts : spans) *out.add_spans() = facts;
  return out;
}

inline v1::FeedbackFacts thumb(std::string_view id, double time, bool is_positive,
                               v1::FeedbackOp op = v1::FEEDBACK_OP_CREATE) {
  v1::FeedbackFacts out;
  out.set_id(std::string(id));
  out.set_op(op);
  out.set_time_unix_nano(nanos(time));
  out.set_name("thumb");
  out.set_positive(is_positive);
  return out;
}

inline v1::Fragment fragment(std::string_view trace, const v1::FeedbackFacts& feedback) {
  auto out = fragment(trace, std::vector<v1::SpanFacts>{});
  *out.add_feedback() = feedback;
  return out;
}

inline v1::EvaluationFacts evaluation(std::string_view id, double time, std::string_view name, double score) {
  v1::EvaluationFacts out;
  out.set_id(std::string(id));
  out.set_time_unix_nano(nanos(time));
  out.set_name(std::string(name));
  out.set_score(score);
  return out;
}

inline v1::Fragment fragment(std::string_view trace, const v1::EvaluationFacts& evaluation) {
  auto out = fragment(trace, std::vector<v1::SpanFacts>{});
  *out.add_evaluations() = evaluation;
  return out;
}

/// Feedback or an evaluation that names only a span.
template <typename Finding>
v1::Fragment seeking(std::string_view span_id, const Finding& finding) {
  auto out = fragment("", finding);
  out.set_sought_span(std::string(span_id));
  return out;
}

/// Feedback or an evaluation that names only a session.
template <typename Finding>
v1::Fragment on_session(std::string_view session, const Finding& finding) {
  auto out = fragment("", finding);
  out.set_session(std::string(session));
  return out;
}

/// A request of a session at an endpoint of service "shop".
inline v1::Fragment asked(std::string_view session, std::string_view trace, double start, double end,
                          std::string_view endpoint = "/chat") {
  auto out = fragment("", std::vector<v1::SpanFacts>{});
  out.set_session(std::string(session));
  auto& request = *out.add_requests();
  request.set_trace_id(std::string(trace));
  request.set_start_unix_nano(nanos(start));
  request.set_end_unix_nano(nanos(end));
  request.set_is_genai(true);
  for (const auto& [name, value] :
       {std::pair<const char*, std::string_view>{"service", "shop"}, {"endpoint", endpoint}}) {
    auto& label = *request.add_labels();
    label.set_name(name);
    label.set_value(std::string(value));
    label.set_from_root(true);
    label.set_start_unix_nano(nanos(start));
  }
  return out;
}

/// Spans as a trace holds them, read at offsets 0, 1, ...
inline std::vector<TraceSpan> trace_of(const std::vector<v1::SpanFacts>& spans) {
  std::vector<TraceSpan> out;
  for (size_t i = 0; i < spans.size(); ++i) {
    TraceSpan& span = out.emplace_back();
    span.facts = spans[i];
    span.source.set_topic("otlp_spans");
    span.source.set_offset(static_cast<int64_t>(i));
  }
  return out;
}

}  // namespace tidewatch
