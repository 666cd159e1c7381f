#include "stream/ingest/session_request.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "stream/ingest/operations.h"

namespace tidewatch {
namespace {

constexpr std::string_view kSession = "session";

/// The smaller one is asked first.
auto order_of(const v1::SessionLabel& label) {
  return std::tuple(!label.from_root(), label.start_unix_nano(), std::string_view(label.value()));
}
auto order_of_model(const v1::SessionRequest& request) {
  return std::tuple(request.has_answer(), request.model_unix_nano(), std::string_view(request.model()));
}

const std::string* find_session(const v1::SpanFacts& span) {
  for (const auto& label : span.labels())
    if (label.name() == kSession) return &label.value();
  return nullptr;
}

v1::SessionRequest of_span(const v1::SpanFacts& span) {
  v1::SessionRequest out;
  out.set_start_unix_nano(span.start_unix_nano());
  out.set_end_unix_nano(span.end_unix_nano());
  out.set_is_genai(is_genai(span.operation()));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    auto& label = *out.add_labels();
    label.set_name(std::string(name));
    label.set_value(std::string(value));
    label.set_from_root(span.parent_span_id().empty());
    label.set_start_unix_nano(span.start_unix_nano());
  };
  for (const auto& label : span.labels())
    if (label.name() != kSession) add(label.name(), label.value());
  add("provider", span.provider());
  if (span.operation() == v1::OPERATION_LLM) {
    out.set_model(span.request_model().empty() ? span.response_model() : span.request_model());
    out.set_has_answer(span.signals().has_output_chars() || span.signals().has_truncated());
    out.set_model_unix_nano(span.end_unix_nano());
  }
  return out;
}

}  // namespace

void merge(v1::SessionRequest& into, const v1::SessionRequest& said) {
  into.set_start_unix_nano(std::min(into.start_unix_nano(), said.start_unix_nano()));
  into.set_end_unix_nano(std::max(into.end_unix_nano(), said.end_unix_nano()));
  into.set_is_genai(into.is_genai() || said.is_genai());
  for (const auto& label : said.labels()) {
    auto& labels = *into.mutable_labels();
    const auto known =
        std::find_if(labels.begin(), labels.end(), [&](const auto& one) { return one.name() == label.name(); });
    if (known == labels.end())
      *labels.Add() = label;
    else if (order_of(label) < order_of(*known))
      *known = label;
  }
  if (said.model().empty() || (!into.model().empty() && order_of_model(said) <= order_of_model(into))) return;
  into.set_model(said.model());
  into.set_has_answer(said.has_answer());
  into.set_model_unix_nano(said.model_unix_nano());
}

std::optional<RequestOfSession> session_request(const v1::Fragment& fragment) {
  RequestOfSession out;
  const v1::SpanFacts* first = nullptr;  // that names a session
  for (const auto& span : fragment.spans()) {
    if (span.from_log() || find_session(span) == nullptr) continue;
    const auto order = [](const v1::SpanFacts& one) {
      return std::tuple(!one.parent_span_id().empty(), one.start_unix_nano(), std::string_view(one.span_id()));
    };
    if (first == nullptr || order(span) < order(*first)) first = &span;
  }
  if (first == nullptr) return std::nullopt;
  out.session = *find_session(*first);
  out.request = of_span(*first);
  for (const auto& span : fragment.spans())
    if (!span.from_log()) merge(out.request, of_span(span));
  out.request.set_trace_id(fragment.trace_id());
  return out;
}

}  // namespace tidewatch
