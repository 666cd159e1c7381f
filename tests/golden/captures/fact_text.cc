#include "tests/golden/captures/fact_text.h"

#include <fmt/format.h>

#include "stream/ingest/mapping/hex.h"

namespace tidewatch {
namespace {

class Lines {
 public:
  void add(std::string_view name, const std::string& value) {
    if (!value.empty()) text_ += fmt::format("  {}: {}\n", name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string fact_text(std::string_view span_name, const v1::SpanFacts& facts, const SpanMapper::Found& found) {
  Lines out;
  out.add("operation", v1::Operation_Name(facts.operation()));
  out.add("dialect", facts.dialect());
  out.add("parent", to_hex(facts.parent_span_id()));
  for (const auto& label : facts.labels()) out.add("label " + label.name(), label.value());
  out.add("provider", facts.provider());
  out.add("request_model", facts.request_model());
  out.add("response_model", facts.response_model());
  const auto number = [&](std::string_view name, bool is_set, auto value) {
    if (is_set) out.add(name, fmt::format("{}", value));
  };
  number("input_tokens", facts.has_input_tokens(), facts.input_tokens());
  number("output_tokens", facts.has_output_tokens(), facts.output_tokens());
  number("cached_input_tokens", facts.has_cached_input_tokens(), facts.cached_input_tokens());
  number("cache_write_tokens", facts.has_cache_write_tokens(), facts.cache_write_tokens());
  number("reasoning_tokens", facts.has_reasoning_tokens(), facts.reasoning_tokens());
  number("cost_usd", facts.has_cost_usd(), facts.cost_usd());
  number("time_to_first_token_nano", facts.has_time_to_first_token_nano(), facts.time_to_first_token_nano());
  number("streaming", facts.has_streaming(), facts.streaming());
  if (facts.error()) out.add("error", facts.error_kind());
  for (const auto& reason : facts.finish_reasons()) out.add("finish_reason", reason);
  out.add("tool_name", facts.tool_name());
  number("documents", facts.has_documents(), facts.documents());
  number("retrieval_score", facts.has_retrieval_score(), facts.retrieval_score());
  number("duration_nano", true, facts.end_unix_nano() - facts.start_unix_nano());
  if (found.has_content) {
    const auto& texts = found.texts;
    number("question_bytes", !texts.question.empty(), texts.question.size());
    number("answer_bytes", texts.answer.has_value(), texts.answer.value_or("").size());
    number("has_tool_calls", texts.has_tool_calls, true);
    number("schema_bytes", !texts.schema.empty(), texts.schema.size());
    number("is_json_expected", texts.is_json_expected, true);
    number("was_cut_off", texts.was_cut_off, true);
    number("document_texts", !texts.documents.empty(), texts.documents.size());
  }
  return fmt::format("{} {}\n{}", to_hex(facts.span_id()), span_name, out.take());
}

void FactSink::on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) {
  auto& mapped = spans.emplace_back();
  auto found = mapper_.map(resource, scope, span, mapped.facts);
  text += fact_text(span.name, mapped.facts, found);
  mapped.texts = std::move(found.texts);
}

}  // namespace tidewatch
