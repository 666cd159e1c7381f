#include "stream/evaluate/trace_texts.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tidewatch {
namespace {

/// What the span itself says counts before what logs say of it.
void add_missing(CallTexts& to, const CallTexts& from) {
  if (to.question.empty()) to.question = from.question;
  if (from.answer && (!to.answer || to.answer->empty())) to.answer = from.answer;
  if (to.schema.empty()) to.schema = from.schema;
  if (to.documents.empty()) to.documents = from.documents;
  to.has_tool_calls |= from.has_tool_calls;
  to.was_cut_off |= from.was_cut_off;
  to.is_json_expected |= from.is_json_expected;
}

}  // namespace

void TraceTexts::add(const v1::SpanFacts& facts, const CallTexts& texts) {
  Span& span = spans_[facts.span_id()];
  if (facts.from_log()) {
    add_missing(span.texts, texts);
    return;
  }
  if (span.is_known) return;
  span.is_known = true;
  span.facts.set_operation(facts.operation());
  span.facts.set_start_unix_nano(facts.start_unix_nano());
  span.facts.set_end_unix_nano(facts.end_unix_nano());
  CallTexts own = texts;
  add_missing(own, span.texts);
  span.texts = std::move(own);
}

const TraceTexts::Span* TraceTexts::answer() const {
  const auto order = [](const Span& span) {
    const bool is_model_call = span.facts.operation() == v1::OPERATION_LLM;
    return std::tuple(!span.texts.answer->empty(), is_model_call, span.facts.end_unix_nano(),
                      span.facts.start_unix_nano());
  };
  const Span* best = nullptr;
  for (const auto& [id, span] : spans_)
    if (span.is_known && span.texts.answer && (best == nullptr || order(span) > order(*best))) best = &span;
  return best;
}

std::optional<CallTexts> TraceTexts::answered() const {
  const Span* last = answer();
  if (last == nullptr) return std::nullopt;
  CallTexts out = last->texts;
  std::vector<const Span*> in_time;
  for (const auto& [id, span] : spans_)
    if (span.is_known) in_time.push_back(&span);
  std::stable_sort(in_time.begin(), in_time.end(), [](const Span* a, const Span* b) {
    return a->facts.start_unix_nano() < b->facts.start_unix_nano();
  });
  const bool has_documents = !out.documents.empty();
  for (const Span* span : in_time) {
    if (out.question.empty()) out.question = span->texts.question;
    if (!has_documents && span->facts.operation() == v1::OPERATION_RETRIEVAL &&
        span->facts.end_unix_nano() <= last->facts.start_unix_nano())
      out.documents.insert(out.documents.end(), span->texts.documents.begin(), span->texts.documents.end());
  }
  return out;
}

ReviewedRequest reviewed(const CallTexts& texts) {
  ReviewedRequest out;
  out.question = texts.question;
  if (texts.answer) out.answers = {*texts.answer};
  for (const std::string& document : texts.documents) {
    ReviewedDocument& view = out.documents.emplace_back();
    view.text = document;
  }
  out.schema = texts.schema;
  out.is_json_expected = texts.is_json_expected;
  return out;
}

}  // namespace tidewatch
