#include "stream/assemble/request.h"

#include <algorithm>
#include <tuple>

#include "stream/assemble/span_tree.h"
#include "stream/assemble/usage.h"
#include "stream/ingest/operations.h"

namespace tidewatch {
namespace {

Timestamp from_nanos(int64_t nanos) { return Timestamp(Duration(nanos)); }

/// Labels a span states itself.
void add_own(Labels& labels, const v1::SpanFacts& facts) {
  for (const auto& label : facts.labels()) labels.set(label.name(), label.value());
  labels.set("provider", facts.provider());
}

/// Labels of each span: its own before those of the spans above it.
std::vector<Labels> labels_by_span(const std::vector<TraceSpan>& spans, const SpanTree& tree) {
  std::vector<Labels> out(spans.size());
  for (const size_t span : tree.order()) {
    if (const auto parent = tree.parent(span)) out[span] = out[*parent];
    add_own(out[span], spans[span].facts);
  }
  return out;
}

/// The root's labels first, then what any span states, from the entry down.
Labels request_labels(const std::vector<TraceSpan>& spans, const SpanTree& tree) {
  Labels out;
  if (tree.root()) add_own(out, spans[*tree.root()].facts);
  for (const size_t span : tree.order()) {
    for (const auto& label : spans[span].facts.labels()) out.set_if_absent(label.name(), label.value());
    out.set_if_absent("provider", spans[span].facts.provider());
  }
  return out;
}

std::vector<bool> spans_above_model_calls(const std::vector<TraceSpan>& spans, const SpanTree& tree) {
  std::vector<bool> out(spans.size(), false);
  for (auto at = tree.order().rbegin(); at != tree.order().rend(); ++at)
    if (const auto parent = tree.parent(*at))
      if (out[*at] || spans[*at].facts.operation() == v1::OPERATION_LLM) out[*parent] = true;
  return out;
}

bool has_answer(const v1::SpanFacts& facts) {
  return facts.has_signals() && (facts.signals().has_output_chars() || facts.signals().has_truncated());
}

/// What a model call says is the answer before what the structure around it repeats; the later one, then by span id.
bool answers_before(const Call& a, const Call& b) {
  const auto key = [](const Call& call) {
    return std::tuple(call.is_model_call, call.facts().end_unix_nano(), call.facts().span_id());
  };
  return key(a) < key(b);
}

void judge_failure(Request& request, const std::vector<TraceSpan>& spans, const SpanTree& tree) {
  size_t model_calls = 0;
  size_t failed_calls = 0;
  const Call* last_failed = nullptr;
  for (const Call& call : request.calls) {
    if (!call.is_model_call) continue;
    ++model_calls;
    if (!call.facts().error()) continue;
    ++failed_calls;
    if (last_failed == nullptr || answers_before(*last_failed, call)) last_failed = &call;
  }
  const bool root_failed = tree.root() && spans[*tree.root()].facts.error();
  request.is_failed = root_failed || (model_calls > 0 && failed_calls == model_calls);
  if (!request.is_failed) return;
  // What failed inside says more than "500".
  if (last_failed != nullptr && failed_calls == model_calls) request.error_kind = last_failed->facts().error_kind();
  if (request.error_kind.empty() && root_failed) request.error_kind = spans[*tree.root()].facts.error_kind();
  if (request.error_kind.empty()) request.error_kind = "other";
}

}  // namespace

Timestamp start_of(const v1::SpanFacts& facts) { return from_nanos(facts.start_unix_nano()); }
Timestamp end_of(const v1::SpanFacts& facts) { return from_nanos(facts.end_unix_nano()); }
Timestamp after(Timestamp time, Duration by) { return time > kMaxTimestamp - by ? kMaxTimestamp : time + by; }

Exemplar Request::exemplar(const Call* call) const {
  const TraceSpan* span = call != nullptr ? call->span : nullptr;
  if (span == nullptr && answer != nullptr) span = answer->span;
  if (span == nullptr && !calls.empty()) span = calls.front().span;
  Exemplar out;
  out.trace_id = trace_id;
  out.time = time;
  if (span != nullptr) {
    out.topic = span->source.topic();
    out.partition = span->source.partition();
    out.offset = span->source.offset();
  }
  return out;
}

Request assemble_request(std::string_view trace_id, const std::vector<TraceSpan>& spans) {
  const SpanTree tree(spans);
  const auto labels = labels_by_span(spans, tree);
  const auto usage = usage_by_span(spans, tree);
  const auto is_above = spans_above_model_calls(spans, tree);

  Request out;
  out.trace_id = std::string(trace_id);
  out.has_root = tree.root().has_value();
  out.labels = request_labels(spans, tree);
  out.start = kMaxTimestamp;
  out.time = kMinTimestamp;
  out.calls.reserve(spans.size());
  for (const size_t i : tree.order()) {
    const v1::SpanFacts& facts = spans[i].facts;
    out.start = std::min(out.start, start_of(facts));
    out.time = std::max(out.time, end_of(facts));
    out.is_genai |= is_genai(facts.operation());
    if (!is_genai(facts.operation()) && usage[i].empty()) continue;
    Call call;
    call.span = &spans[i];
    call.operation = facts.operation();
    call.is_model_call = facts.operation() == v1::OPERATION_LLM && !is_above[i];
    call.labels = out.labels;
    for (const auto& [name, value] : labels[i])
      if (name != "service" && name != "endpoint")
        call.labels.set(name, value);  // calls count where they were asked for
    call.model = facts.request_model().empty() ? facts.response_model() : facts.request_model();
    call.labels.set("model", call.model);
    call.labels.set("response_model", facts.response_model());
    call.labels.set("tool", facts.tool_name());
    call.usage = usage[i];
    call.duration = end_of(facts) - start_of(facts);
    out.calls.push_back(std::move(call));
  }
  out.latency =
      tree.root() ? end_of(spans[*tree.root()].facts) - start_of(spans[*tree.root()].facts) : out.time - out.start;
  judge_failure(out, spans, tree);
  const Call*& last = out.last_model_call;
  for (const Call& call : out.calls) {
    if (call.is_model_call && (last == nullptr || answers_before(*last, call))) last = &call;
    if (has_answer(call.facts()) && (out.answer == nullptr || answers_before(*out.answer, call))) out.answer = &call;
  }
  const Call* model_of = out.answer != nullptr && !out.answer->model.empty() ? out.answer : last;
  if (model_of != nullptr) out.labels.set("model", model_of->model);
  return out;
}

}  // namespace tidewatch
