#include "stream/evaluate/trace_texts.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tidewatch {
namespace {

/// What the span itself says counts before what logs say of it.
void add_missing(CallDetails& to, const CallDetails& from) {
  if (to.instructions.empty()) to.instructions = from.instructions;
  const auto fill = [](auto& into, const auto& more) {
    if (into.empty()) into = more;
  };
  fill(to.conversation, from.conversation);
  fill(to.tool_calls, from.tool_calls);
  fill(to.tools, from.tools);
  fill(to.tool_results, from.tool_results);
  fill(to.documents, from.documents);
}
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

void TraceTexts::add(const v1::SpanFacts& facts, const CallTexts& texts, const CallDetails& details) {
  Span& span = spans_[facts.span_id()];
  if (facts.from_log()) {
    add_missing(span.texts, texts);
    add_missing(span.details, details);
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
  CallDetails own_details = details;
  add_missing(own_details, span.details);
  span.details = std::move(own_details);
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

std::optional<AnsweredTexts> TraceTexts::answered() const {
  const Span* last = answer();
  if (last == nullptr) return std::nullopt;
  AnsweredTexts out{last->texts, last->details};
  std::vector<const Span*> in_time;
  for (const auto& [id, span] : spans_)
    if (span.is_known) in_time.push_back(&span);
  std::stable_sort(in_time.begin(), in_time.end(), [](const Span* a, const Span* b) {
    return a->facts.start_unix_nano() < b->facts.start_unix_nano();
  });
  const bool has_documents = !out.documents.empty();
  const bool has_details = !out.details.documents.empty();
  for (const Span* span : in_time) {
    if (out.question.empty()) out.question = span->texts.question;
    if (span->facts.operation() != v1::OPERATION_RETRIEVAL ||
        span->facts.end_unix_nano() > last->facts.start_unix_nano())
      continue;
    const auto append = [](auto& into, const auto& more) { into.insert(into.end(), more.begin(), more.end()); };
    if (!has_documents) append(out.documents, span->texts.documents);
    if (!has_details) append(out.details.documents, span->details.documents);
  }
  return out;
}

ReviewedRequest reviewed(const AnsweredTexts& texts) {
  ReviewedRequest out;
  out.question = texts.question;
  if (texts.answer) out.answers = {*texts.answer};
  const CallDetails& details = texts.details;
  out.system = details.instructions;
  out.conversation = {details.conversation.begin(), details.conversation.end()};
  for (const auto& [name, arguments] : details.tool_calls) out.tool_calls.push_back({name, arguments});
  for (const auto& [name, schema] : details.tools) out.tools.push_back({name, schema});
  out.tool_results = {details.tool_results.begin(), details.tool_results.end()};
  for (const auto& document : details.documents)
    out.documents.push_back({document.id, document.title, document.url, document.text});
  if (out.documents.empty())
    for (const std::string& document : texts.documents) {
      ReviewedDocument& view = out.documents.emplace_back();
      view.text = document;
    }
  out.schema = texts.schema;
  out.is_json_expected = texts.is_json_expected;
  return out;
}

}  // namespace tidewatch
