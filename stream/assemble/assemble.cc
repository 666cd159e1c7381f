#include "stream/assemble/assemble.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/assemble/request.h"

namespace tidewatch {
namespace {

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }

/// A trace's labels, and what the event itself says where the trace says nothing.
Labels labels_with(const Labels& of_trace, const google::protobuf::RepeatedPtrField<v1::Label>& own) {
  Labels out = of_trace;
  for (const auto& label : own) out.set_if_absent(label.name(), label.value());
  return out;
}

/// Broken clocks make times near the end of the range.
Timestamp after(Timestamp time, Duration by) { return time > kMaxTimestamp - by ? kMaxTimestamp : time + by; }

Exemplar exemplar_at(const Trace& trace, int64_t nanos) {
  Exemplar out = trace.exemplar;
  out.time = from_nanos(nanos);
  return out;
}

}  // namespace

void Assemble::on_record(const Record& record, Effects& out) {
  v1::Fragment fragment;
  if (!fragment.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
    return out.dead_letter(record, {"bad_fragment", "the record is no fragment: is another program writing here?"},
                           record.value);
  // What names no trace (feedback on a session) is joined to nothing: its key stands for the trace.
  const std::string_view id = fragment.trace_id().empty() ? record.key : std::string_view(fragment.trace_id());
  Trace* known = store_.find(id);
  Trace& trace = known != nullptr ? *known : store_.create(id, record.offset);
  if (trace.exemplar.trace_id.empty()) trace.exemplar.trace_id = fragment.trace_id();
  add_spans(trace, fragment, out);
  for (const auto& feedback : fragment.feedback()) add_feedback(trace, feedback, out);
  for (const auto& evaluation : fragment.evaluations()) add_evaluation(trace, evaluation, out);
  schedule(trace);
}

void Assemble::touch(Trace& trace, Timestamp time) const {
  trace.activity = std::max(trace.activity, time);
  // What is behind the watermark is late already: waiting for it would hold everybody back for nothing.
  if (!trace.is_closed && time >= watermark_) trace.events_hold = std::min(trace.events_hold, time);
}

void Assemble::schedule(Trace& trace) {
  const Duration longest_wait = std::max(options_.trace_quiet, options_.trace_timeout);
  // Activity alone decides, so that a trace whose older records are gone expires no later in a replay.
  trace.expires_at = after(after(trace.activity, longest_wait), options_.join_horizon);
  if (!trace.is_closed)
    trace.closes_at = trace.spans.empty()
                          ? after(trace.activity, options_.trace_timeout)
                          : after(trace.last_span, trace.has_entry ? options_.trace_quiet : options_.trace_timeout);
  store_.reschedule(trace);
}

void Assemble::add_spans(Trace& trace, const v1::Fragment& fragment, Effects& out) {
  for (const auto& facts : fragment.spans()) {
    const Timestamp end = end_of(facts);
    trace.activity = std::max(trace.activity, end);
    if (trace.is_closed && trace.marks.empty()) trace.is_closed = false;  // only feedback so far
    if (trace.is_closed) {
      add_late_span(trace, facts, fragment.source(), out);
      continue;
    }
    const auto added = trace.add_span(facts, fragment.source(), options_.max_spans_per_trace);
    if (added == Trace::Added::duplicate) out.count("duplicate_spans");
    if (added == Trace::Added::over_limit) out.count("spans_over_limit");
    if (added != Trace::Added::yes || facts.from_log()) continue;
    trace.last_span = std::max(trace.last_span, end);
    // The request counts at its last span, so an older one holds nothing back once a newer is known. Whether it holds
    // at all is decided by the watermark, which a replay repeats, not by what was promised.
    if (trace.spans_hold != kMaxTimestamp || trace.last_span >= watermark_) trace.spans_hold = trace.last_span;
  }
}

void Assemble::add_late_span(Trace& trace, const v1::SpanFacts& facts, const v1::Source& source, Effects& out) {
  if (!facts.from_log() && trace.has_mark(facts.span_id())) return out.count("duplicate_spans");
  if (trace.marks.size() >= options_.max_spans_per_trace) return out.count("spans_over_limit");
  out.count("late_spans");
  if (facts.from_log()) return;
  const std::vector<TraceSpan> alone = {{facts, source}};
  Request late = assemble_request(trace.id, alone);
  const LateSpan adds = trace.judge_late(facts);
  SpanMark& mark = trace.marks.emplace_back(SpanMark{facts.span_id(), facts.parent_span_id(), adds.usage, false});
  for (Call& call : late.calls) {
    call.usage = adds.usage;
    call.is_model_call = adds.is_model_call;
    Labels labels;
    for (const auto& [name, value] : trace.labels)
      if (name != "model") labels.set(name, value);  // the request's: a call has its own or none
    for (const auto& [name, value] : call.labels)
      if (name != "service" && name != "endpoint") labels.set(name, value);
    call.labels = labels;
    mark.counted.cost_usd = contributor_.prices().cost_of(call);
    mark.is_model_call = call.is_model_call;
  }
  contributor_.add_calls(late);
}

void Assemble::add_feedback(Trace& trace, const v1::FeedbackFacts& feedback, Effects& out) {
  touch(trace, from_nanos(feedback.time_unix_nano()));
  if (trace.is_closed)
    count_feedback(trace, feedback, out);
  else
    trace.feedback.push_back(feedback);
}

void Assemble::add_evaluation(Trace& trace, const v1::EvaluationFacts& evaluation, Effects& out) {
  touch(trace, from_nanos(evaluation.time_unix_nano()));
  if (trace.is_closed)
    count_evaluation(trace, evaluation, out);
  else
    trace.evaluations.push_back(evaluation);
}

void Assemble::count_feedback(Trace& trace, const v1::FeedbackFacts& feedback, Effects& out) {
  const auto known = std::find_if(trace.counted_feedback.begin(), trace.counted_feedback.end(),
                                  [&](const auto& counted) { return counted.facts.id() == feedback.id(); });
  const bool is_withdrawal = feedback.op() == v1::FEEDBACK_OP_WITHDRAW;
  const auto add = [&](const CountedFeedback& counted, double weight) {
    return contributor_.add_feedback(counted.labels, counted.facts, exemplar_at(trace, counted.facts.time_unix_nano()),
                                     weight);
  };
  if (known == trace.counted_feedback.end()) {
    CountedFeedback& fresh = trace.counted_feedback.emplace_back();
    fresh.facts = feedback;
    fresh.facts.set_op(v1::FEEDBACK_OP_CREATE);
    fresh.changed_unix_nano = feedback.time_unix_nano();
    fresh.labels = labels_with(trace.labels, feedback.labels());
    fresh.is_withdrawn = is_withdrawal;  // what it withdraws may still come
    return out.count(!is_withdrawal && add(fresh, 1) ? "feedback" : "unmatched_feedback");
  }
  if (known->is_withdrawn) return out.count("duplicate_feedback");
  if (is_withdrawal) {
    out.count("corrected_feedback");
    add(*known, -1);
    known->is_withdrawn = true;
    return;
  }
  // Events of one id may come in any order: the latest says what was voted, the earliest when.
  const bool is_change =
      feedback.op() == v1::FEEDBACK_OP_UPDATE && feedback.time_unix_nano() >= known->changed_unix_nano;
  v1::FeedbackFacts now = is_change ? feedback : known->facts;
  now.set_op(v1::FEEDBACK_OP_CREATE);
  now.set_time_unix_nano(std::min(known->facts.time_unix_nano(), feedback.time_unix_nano()));
  if (is_change) known->changed_unix_nano = feedback.time_unix_nano();
  if (now.SerializeAsString() == known->facts.SerializeAsString()) return out.count("duplicate_feedback");
  out.count("corrected_feedback");
  add(*known, -1);
  known->facts = std::move(now);
  add(*known, 1);
}

void Assemble::count_evaluation(Trace& trace, const v1::EvaluationFacts& evaluation, Effects& out) {
  auto& counted = trace.counted_evaluations;
  if (std::find(counted.begin(), counted.end(), evaluation.id()) != counted.end())
    return out.count("duplicate_evaluations");
  counted.push_back(evaluation.id());
  const Labels labels = labels_with(trace.labels, evaluation.labels());
  const Exemplar exemplar = exemplar_at(trace, evaluation.time_unix_nano());
  out.count(contributor_.add_evaluation(labels, evaluation, exemplar) ? "evaluations" : "unmatched_evaluations");
}

bool Assemble::is_ignored(std::string_view endpoint) const {
  if (endpoint.empty()) return true;
  return std::any_of(options_.ignored_endpoints.begin(), options_.ignored_endpoints.end(),
                     [&](std::string_view pattern) {
                       if (!pattern.ends_with('*')) return endpoint == pattern;
                       return endpoint.starts_with(pattern.substr(0, pattern.size() - 1));
                     });
}

void Assemble::close(Trace& trace, Effects& out) {
  trace.join_additions();
  if (trace.spans.empty()) {
    trace.is_closed = true;
    trace.events_hold = kMaxTimestamp;
  } else {
    const Request request = assemble_request(trace.id, trace.spans);
    if (request.is_genai) {
      if (!contributor_.add_request(request)) out.count("requests_without_entity");
      out.count("requests");
      if (!request.has_root) out.count("rootless_requests");
    } else if (request.has_root && !is_ignored(request.labels.get("endpoint"))) {
      contributor_.add_request(request);
      out.count("plain_requests");
    } else {
      out.count("ignored_traces");
    }
    trace.close(request, contributor_.prices());  // the request points into the spans until here
  }
  for (const auto& feedback : trace.feedback) count_feedback(trace, feedback, out);
  for (const auto& evaluation : trace.evaluations) count_evaluation(trace, evaluation, out);
  trace.feedback = {};
  trace.evaluations = {};
  store_.reschedule(trace);
}

void Assemble::on_watermark(Timestamp watermark, Effects& out) {
  watermark_ = watermark;
  while (Trace* trace = store_.next_to_close(watermark)) close(*trace, out);
  store_.expire(watermark);
  contributor_.flush(out);
  promised_ = std::max(promised_, std::min(watermark, store_.oldest_hold()));
}

}  // namespace tidewatch
