#include "stream/assemble/assemble.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/assemble/request.h"
#include "stream/rollout/rollout_key.h"

namespace tidewatch {
namespace {

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }

/// A trace's labels, and what the event itself says where the trace says nothing.
Labels labels_with(const Labels& of_trace, const google::protobuf::RepeatedPtrField<v1::Label>& own) {
  Labels out = of_trace;
  for (const auto& label : own) out.set_if_absent(label.name(), label.value());
  return out;
}

Exemplar at_time(Exemplar exemplar, int64_t nanos) {
  exemplar.time = from_nanos(nanos);
  return exemplar;
}

bool is_of_user(const v1::FeedbackFacts& feedback) { return feedback.source().empty() || feedback.source() == "user"; }

/// A user says that the answer was bad.
bool is_report(const v1::FeedbackFacts& feedback) {
  return is_of_user(feedback) && feedback.op() != v1::FEEDBACK_OP_WITHDRAW && feedback.has_positive() &&
         !feedback.positive();
}

}  // namespace

Assemble::Assemble(const AssembleOptions& options)
    : options_(options),
      contributor_(options),
      turns_(options.sessions_by, options.entities),
      sessions_({.wait = options.trace_quiet,
                 .keep = options.longest_wait() + options.join_horizon,
                 .keep_plain = options.longest_wait()}) {
  if (options.sampling.is_on()) sampler_.emplace(options.sampling, options.longest_wait());
}

int64_t Assemble::needed_from() const {
  return std::min({store_.oldest_offset(), sought_.oldest_offset(), sessions_.oldest_offset()});
}

void Assemble::on_record(const Record& record, Effects& out) {
  v1::Fragment fragment;
  if (!fragment.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
    return out.dead_letter(record, {"bad_fragment", "the record is no fragment: is another program writing here?"},
                           record.value);
  if (fragment.has_command()) return hand_on(fragment.command(), out);
  if (!fragment.sought_span().empty()) return seek(std::move(fragment), record.offset, out);
  if (!fragment.session().empty()) return sessions_.add(fragment, record.offset, watermark_);
  // What names only a span and has labels of its own is joined to nothing: its key stands for the trace.
  const std::string_view id = fragment.trace_id().empty() ? record.key : std::string_view(fragment.trace_id());
  Trace* known = store_.find(id);
  Trace& trace = known != nullptr ? *known : store_.create(id, record.offset);
  if (trace.exemplar.trace_id.empty()) trace.exemplar.trace_id = fragment.trace_id();
  add_spans(trace, fragment, out);
  add_findings(trace, fragment, out);
  join_sought(trace, fragment, out);
  schedule(trace);
}

void Assemble::hand_on(const v1::Command& command, Effects& out) const {
  v1::Partial partial;
  *partial.mutable_command() = command;
  if (command.has_rollout()) {
    // It is decided in one partition, also before anything was counted there.
    const std::string& name = command.rollout().name();
    if (!contributor_.rollouts().knows(name)) return out.count("unknown_rollouts");
    return out.emit(Stream::partials, rollout_key(name), partial.SerializeAsString());
  }
  out.emit_everywhere(Stream::partials, command.id(), partial.SerializeAsString());
}

void Assemble::seek(v1::Fragment fragment, int64_t offset, Effects& out) {
  if (Trace* trace = store_.find_by_span(fragment.sought_span())) {
    join(*trace, fragment, offset, out);
    return schedule(*trace);
  }
  Timestamp latest = kMinTimestamp;
  for (const auto& feedback : fragment.feedback()) latest = std::max(latest, from_nanos(feedback.time_unix_nano()));
  for (const auto& found : fragment.evaluations()) latest = std::max(latest, from_nanos(found.time_unix_nano()));
  // As long as feedback waits for its trace.
  const Timestamp expires_at = after(latest, options_.longest_wait());
  sought_.add({std::move(fragment), offset, expires_at});
}

void Assemble::join(Trace& trace, const v1::Fragment& sought, int64_t offset, Effects& out) {
  store_.needs(trace, offset);
  out.count("joined_by_span", {},
            static_cast<uint64_t>(sought.feedback_size()) + static_cast<uint64_t>(sought.evaluations_size()));
  add_findings(trace, sought, out);
}

void Assemble::join_sought(Trace& trace, const v1::Fragment& fragment, Effects& out) {
  if (sought_.empty()) return;
  for (const auto& facts : fragment.spans()) {
    if (store_.find_by_span(facts.span_id()) != &trace) continue;  // a log's, or beyond the limit of spans
    for (const auto& item : sought_.take(facts.span_id())) join(trace, item.fragment, item.offset, out);
  }
}

void Assemble::touch(Trace& trace, Timestamp time) const {
  trace.activity = std::max(trace.activity, time);
  // What is behind the watermark is late already: waiting for it would hold everybody back for nothing.
  if (!trace.is_closed && time >= watermark_) trace.events_hold = std::min(trace.events_hold, time);
}

void Assemble::schedule(Trace& trace) {
  // Activity alone decides, so that a trace whose older records are gone expires no later in a replay.
  trace.expires_at = after(trace.activity, options_.longest_wait() + options_.join_horizon);
  if (!trace.is_closed)
    trace.closes_at = trace.spans.empty()
                          ? after(trace.activity, options_.trace_timeout)
                          : after(trace.last_span, trace.has_root ? options_.trace_quiet : options_.trace_timeout);
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
    store_.holds_span(trace, facts.span_id());
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
  SpanMark& mark = trace.marks.emplace_back(
      SpanMark{facts.span_id(), facts.parent_span_id(), adds.usage, adds.is_model_call, facts.error()});
  store_.holds_span(trace, facts.span_id());
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

void Assemble::add_findings(Trace& trace, const v1::Fragment& fragment, Effects& out) {
  const auto add = [&](const auto& facts, auto& waiting) {
    touch(trace, from_nanos(facts.time_unix_nano()));
    if (trace.is_closed)
      count(trace, facts, out);
    else
      waiting.push_back(facts);
  };
  for (const auto& feedback : fragment.feedback()) add(feedback, trace.feedback);
  for (const auto& evaluation : fragment.evaluations()) add(evaluation, trace.evaluations);
}

void Assemble::count(Trace& trace, const SessionBook::Finding& finding, Effects& out) {
  const auto* feedback = std::get_if<v1::FeedbackFacts>(&finding);
  if (sampler_ && feedback != nullptr && !trace.is_reported && !trace.sources.empty() && is_report(*feedback)) {
    trace.is_reported = true;
    sampler_->report(trace.exemplar.trace_id, trace.time, trace.labels, trace.sources,
                     from_nanos(feedback->time_unix_nano()), out);
  }
  count({trace.counted, trace.labels, trace.exemplar, trace.exemplar.trace_id.empty() ? "span" : "trace"}, finding,
        out);
}

void Assemble::count(const Target& target, const SessionBook::Finding& finding, Effects& out) {
  if (const auto* feedback = std::get_if<v1::FeedbackFacts>(&finding))
    count_feedback(target, *feedback, out);
  else
    count_evaluation(target, std::get<v1::EvaluationFacts>(finding), out);
}

void Assemble::count_feedback(const Target& target, const v1::FeedbackFacts& feedback, Effects& out) {
  // Each event of it, so that it does not matter which of them came first: a vote taken back was a word, too.
  if (is_of_user(feedback)) turns_.add_vote(target.labels, target.exemplar, from_nanos(feedback.time_unix_nano()), out);
  auto& counted = target.counted.feedback;
  const auto known = std::find_if(counted.begin(), counted.end(),
                                  [&](const auto& before) { return before.facts.id() == feedback.id(); });
  const bool is_withdrawal = feedback.op() == v1::FEEDBACK_OP_WITHDRAW;
  const auto add = [&](const CountedFeedback& vote, double weight) {
    return contributor_.add_feedback(vote.labels, vote.facts, at_time(target.exemplar, vote.facts.time_unix_nano()),
                                     weight);
  };
  if (known == counted.end()) {
    CountedFeedback& fresh = counted.emplace_back();
    fresh.facts = feedback;
    fresh.facts.set_op(v1::FEEDBACK_OP_CREATE);
    fresh.changed_unix_nano = feedback.time_unix_nano();
    fresh.labels = labels_with(target.labels, feedback.labels());
    fresh.is_withdrawn = is_withdrawal;  // what it withdraws may still come
    if (is_withdrawal) return out.count("corrected_feedback");
    return add(fresh, 1) ? out.count("feedback") : out.count("unmatched_feedback", target.kind);
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

void Assemble::count_evaluation(const Target& target, const v1::EvaluationFacts& evaluation, Effects& out) {
  auto& counted = target.counted.evaluations;
  if (std::find(counted.begin(), counted.end(), evaluation.id()) != counted.end())
    return out.count("duplicate_evaluations");
  counted.push_back(evaluation.id());
  const Labels labels = labels_with(target.labels, evaluation.labels());
  const Exemplar exemplar = at_time(target.exemplar, evaluation.time_unix_nano());
  if (contributor_.add_evaluation(labels, evaluation, exemplar)) return out.count("evaluations");
  out.count("unmatched_evaluations", target.kind);
}

bool Assemble::is_ignored(std::string_view endpoint) const {
  if (endpoint.empty()) return true;
  return std::any_of(options_.ignored_endpoints.begin(), options_.ignored_endpoints.end(),
                     [&](std::string_view pattern) {
                       if (!pattern.ends_with('*')) return endpoint == pattern;
                       return endpoint.starts_with(pattern.substr(0, pattern.size() - 1));
                     });
}

void Assemble::sample(Trace& trace, const Request& request, Effects& out) {
  trace.sources = trace.sources_of_spans();
  trace.is_reported = std::any_of(trace.feedback.begin(), trace.feedback.end(), [&](const auto& feedback) {
    return is_report(feedback) && from_nanos(feedback.time_unix_nano()) < sampler_->leaves_at(request.time);
  });
  sampler_->offer(request, Facts(request, nullptr, contributor_.prices()), trace.sources, trace.is_reported, out);
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
      trace.is_request = true;
      out.count("requests");
      if (!request.has_root) out.count("rootless_requests");
      if (!trace.has_root) out.count("requests_by_timeout");
      turns_.add(request, out);
      if (sampler_) sample(trace, request, out);
    } else if (request.has_root && !is_ignored(request.labels.get("endpoint"))) {
      contributor_.add_request(request);
      out.count("plain_requests");
    } else {
      out.count("ignored_traces");
    }
    trace.close(request, contributor_.prices());  // the request points into the spans until here
  }
  for (const auto& feedback : trace.feedback) count(trace, feedback, out);
  for (const auto& evaluation : trace.evaluations) count(trace, evaluation, out);
  trace.feedback = {};
  trace.evaluations = {};
  store_.reschedule(trace);
}

void Assemble::on_watermark(Timestamp watermark, Effects& out) {
  watermark_ = watermark;
  while (Trace* trace = store_.next_to_close(watermark)) close(*trace, out);
  sessions_.on_watermark(watermark, [&](SessionBook::Join& join, const SessionBook::Finding& finding) {
    count({join.counted, join.labels, join.exemplar, "session"}, finding, out);
  });
  store_.expire(watermark, [&](const Trace& trace) {
    // At the end of all input votes may still be to come, and a pane after it would be one without requests.
    if (trace.is_request && watermark != kMaxTimestamp)
      contributor_.add_response(trace.labels, trace.exemplar.trace_id, trace.counted.has_feedback(), trace.expires_at);
  });
  sought_.expire(watermark);
  contributor_.flush(out);
  turns_.flush(out);
  promised_ = std::max(promised_, std::min({watermark, store_.oldest_hold(), sessions_.oldest_hold()}));
  if (sampler_) sampler_->flush(watermark, out);
}

}  // namespace tidewatch
