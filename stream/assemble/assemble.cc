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

Exemplar exemplar_at(const Trace& trace, Timestamp time) {
  Exemplar out = trace.exemplar;
  out.trace_id = trace.id;
  out.time = time;
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
  add_spans(trace, fragment, out);
  for (const auto& feedback : fragment.feedback()) add_feedback(trace, feedback, out);
  for (const auto& evaluation : fragment.evaluations()) add_evaluation(trace, evaluation, out);
  schedule(trace);
}

void Assemble::touch(Trace& trace, Timestamp time) {
  trace.activity = std::max(trace.activity, time);
  // What is behind what was promised is late already: waiting for it would hold everybody back for nothing.
  if (!trace.is_closed && time >= promised_) trace.hold = std::min(trace.hold, time);
}

void Assemble::schedule(Trace& trace) {
  // Activity alone decides, so that a trace whose older records are gone expires no later in a replay.
  trace.expires_at = trace.activity + options_.trace_timeout + options_.join_horizon;
  if (!trace.is_closed)
    trace.closes_at = trace.spans.empty()
                          ? trace.activity + options_.trace_timeout
                          : trace.last_span + (trace.has_entry ? options_.trace_quiet : options_.trace_timeout);
  store_.reschedule(trace);
}

void Assemble::add_spans(Trace& trace, const v1::Fragment& fragment, Effects& out) {
  for (const auto& facts : fragment.spans()) {
    const Timestamp end = end_of(facts);
    if (trace.is_closed && trace.marks.empty() && !facts.from_log()) trace.is_closed = false;  // only feedback so far
    if (trace.is_closed) {
      add_late_span(trace, facts, fragment.source(), out);
      trace.activity = std::max(trace.activity, end);
      continue;
    }
    if (trace.spans.size() >= options_.max_spans_per_trace) {
      out.count("spans_over_limit");
      continue;
    }
    if (!trace.add_span(facts, fragment.source())) {
      out.count("duplicate_spans");
      continue;
    }
    trace.activity = std::max(trace.activity, end);
    if (facts.from_log()) continue;
    trace.last_span = std::max(trace.last_span, end);
    // The request counts at its last span, so an older one holds nothing back once a newer is known.
    if (trace.last_span >= promised_) trace.hold = trace.last_span;
  }
}

void Assemble::add_late_span(Trace& trace, const v1::SpanFacts& facts, const v1::Source& source, Effects& out) {
  if (trace.has_span(facts.span_id())) {
    out.count("duplicate_spans");
    return;
  }
  out.count("late_spans");
  if (facts.from_log()) return;
  const std::vector<TraceSpan> alone = {{facts, source}};
  Request late = assemble_request(trace.id, alone);
  SpanMark mark{facts.span_id(), facts.parent_span_id(), trace.uncounted(facts)};
  for (Call& call : late.calls) {
    call.usage = mark.counted;
    Labels labels = trace.labels;
    for (const auto& [name, value] : call.labels)
      if (name != "service" && name != "endpoint") labels.set(name, value);
    call.labels = labels;
  }
  contributor_.add_calls(late);
  trace.marks.push_back(std::move(mark));
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
  const bool is_known = known != trace.counted_feedback.end();
  const auto add = [&](const v1::FeedbackFacts& facts, double weight) {
    const Labels labels = labels_with(trace.labels, facts.labels());
    return contributor_.add_feedback(labels, facts, exemplar_at(trace, from_nanos(facts.time_unix_nano())), weight);
  };
  if (feedback.op() == v1::FEEDBACK_OP_WITHDRAW || (is_known && feedback.op() == v1::FEEDBACK_OP_UPDATE)) {
    if (!is_known) return out.count("unmatched_feedback");
    if (known->is_withdrawn) return out.count("duplicate_feedback");
    out.count("corrected_feedback");
    add(known->facts, -1);
    if (feedback.op() == v1::FEEDBACK_OP_WITHDRAW) {
      known->is_withdrawn = true;
      return;
    }
    // A changed vote is the vote of its time: it corrects the pane where it was counted.
    const int64_t time = known->facts.time_unix_nano();
    known->facts = feedback;
    known->facts.set_time_unix_nano(time);
    add(known->facts, 1);
    return;
  }
  if (is_known) return out.count("duplicate_feedback");
  trace.counted_feedback.push_back({feedback, false});
  out.count(add(feedback, 1) ? "feedback" : "unmatched_feedback");
}

void Assemble::count_evaluation(Trace& trace, const v1::EvaluationFacts& evaluation, Effects& out) {
  auto& counted = trace.counted_evaluations;
  if (std::find(counted.begin(), counted.end(), evaluation.id()) != counted.end())
    return out.count("duplicate_evaluations");
  counted.push_back(evaluation.id());
  const Labels labels = labels_with(trace.labels, evaluation.labels());
  const Exemplar exemplar = exemplar_at(trace, from_nanos(evaluation.time_unix_nano()));
  out.count(contributor_.add_evaluation(labels, evaluation, exemplar) ? "evaluations" : "unmatched_evaluations");
}

void Assemble::close(Trace& trace, Effects& out) {
  if (trace.spans.empty()) {
    trace.is_closed = true;
  } else {
    const Request request = assemble_request(trace.id, trace.spans);
    if (request.is_genai) {
      contributor_.add_request(request);
      out.count("requests");
      if (!request.has_root) out.count("rootless_requests");
    } else {
      out.count("plain_traces");
    }
    trace.close(request);  // the request points into the spans until here
  }
  for (const auto& feedback : trace.feedback) count_feedback(trace, feedback, out);
  for (const auto& evaluation : trace.evaluations) count_evaluation(trace, evaluation, out);
  trace.feedback = {};
  trace.evaluations = {};
  store_.reschedule(trace);
}

void Assemble::on_watermark(Timestamp watermark, Effects& out) {
  while (Trace* trace = store_.next_to_close(watermark)) close(*trace, out);
  store_.expire(watermark);
  contributor_.flush(out);
  promised_ = std::max(promised_, std::min(watermark, store_.oldest_hold()));
}

}  // namespace tidewatch
