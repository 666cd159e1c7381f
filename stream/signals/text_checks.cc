#include "stream/signals/text_checks.h"

#include <optional>
#include <string>
#include <vector>

#include "stream/signals/characters.h"
#include "stream/signals/empty_answer.h"
#include "stream/signals/fingerprint.h"
#include "stream/signals/groundedness.h"
#include "stream/signals/json_answer.h"
#include "stream/signals/language.h"
#include "stream/signals/own_text.h"
#include "stream/signals/question.h"
#include "stream/signals/refusal.h"
#include "stream/signals/repetition.h"
#include "stream/signals/safety.h"
#include "stream/signals/schema_check.h"
#include "stream/signals/sentences.h"
#include "stream/signals/words.h"

namespace tidewatch {
namespace {

SafetyCheck safety_of(const std::string& yaml) {
  if (yaml.empty()) return SafetyCheck();
  return SafetyCheck(std::move(Phrases::parse(yaml, "safety").value()));
}

/// Whether an answer stopped before its end: the model says so, or JSON that was asked for breaks off.
std::optional<bool> is_truncated(const CallTexts& texts) {
  if (texts.was_cut_off) return true;
  if (!texts.answer) return std::nullopt;
  const bool is_json = texts.is_json_expected || !texts.schema.empty();
  return is_json && json_form(*texts.answer) == JsonForm::cut_off;
}

}  // namespace

struct TextChecks::Parts {
  explicit Parts(const TextCheckOptions& options)
      : safety(safety_of(options.safety_yaml)), schemas(options.max_schemas) {}

  void question(const CallTexts& texts, v1::TextSignals& out) const;
  void form(const CallTexts& texts, v1::TextSignals& out) const;
  void content(const CallTexts& texts, const std::string& answer, v1::TextSignals& out) const;
  void languages_of(const CallTexts& texts, const std::string& answer, v1::TextSignals& out) const;

  RefusalCheck refusal;
  HedgingCheck hedging;
  SafetyCheck safety;
  SchemaCheck schemas;
  Languages languages = Languages::embedded();
};

void TextChecks::Parts::question(const CallTexts& texts, v1::TextSignals& out) const {
  if (texts.question.empty()) return;
  out.set_input_chars(count_characters(texts.question));
  if (const auto fingerprint = question_fingerprint(texts.question)) out.set_question_fingerprint(*fingerprint);
}

void TextChecks::Parts::form(const CallTexts& texts, v1::TextSignals& out) const {
  if (const auto truncated = is_truncated(texts)) out.set_truncated(*truncated);
  if (!texts.answer) return;
  out.set_output_chars(count_characters(*texts.answer));
  const bool is_empty = is_empty_answer(*texts.answer);
  out.set_empty_output(is_empty && !texts.has_tool_calls);
  if (is_empty && texts.has_tool_calls) return;  // the schema is for the text that follows the tools
  if (texts.schema.empty() && !texts.is_json_expected) return;
  if (const auto mismatch = schemas.is_mismatch(texts.schema, *texts.answer)) out.set_schema_mismatch(*mismatch);
}

void TextChecks::Parts::content(const CallTexts& texts, const std::string& answer, v1::TextSignals& out) const {
  const auto sentences = own_sentences(answer);
  const Refusal refused = refusal.check(sentences, texts.question);
  out.set_refusal(refused != Refusal::none);
  out.set_partial_refusal(refused == Refusal::partial);
  out.set_hedging(hedging.check(sentences));
  out.set_unsafe(safety.is_unsafe(sentences, refusal.phrases()));
  out.set_repeated_output(is_repetitive(answer));
  if (const auto share = groundedness(answer, texts.documents, languages)) out.set_groundedness(*share);
}

void TextChecks::Parts::languages_of(const CallTexts& texts, const std::string& answer, v1::TextSignals& out) const {
  constexpr size_t kMostBytes = 2048;  // enough to tell the language, and what it is about
  const auto question = words_of(without_code_and_tables(texts.question), kMostBytes);
  const Language asked = languages.detect(question);
  if (const auto about = content_fingerprint(question, asked.code, languages)) out.set_question_content(*about);
  if (const auto complexity = readability_lix(question)) out.set_question_complexity(*complexity);
  if (!question.empty()) out.set_question_numbers(number_bits(question));
  const bool is_json = texts.is_json_expected || !texts.schema.empty();  // keys are English, whatever the values
  const Language answered = is_json ? Language() : languages.detect(without_code_and_tables(answer));
  out.set_question_language(asked.code);
  out.set_output_language(answered.code);
  if (const auto wrong = is_wrong_language(languages, texts.question, asked, answered)) out.set_wrong_language(*wrong);
}

TextChecks::TextChecks(const TextCheckOptions& options) : parts_(std::make_unique<const Parts>(options)) {}
TextChecks::~TextChecks() = default;

v1::TextSignals TextChecks::check(const CallTexts& texts) const {
  v1::TextSignals out;
  parts_->question(texts, out);
  parts_->form(texts, out);
  const bool has_text = texts.answer && !is_empty_answer(*texts.answer);
  if (has_text) parts_->content(texts, *texts.answer, out);
  parts_->languages_of(texts, has_text ? *texts.answer : std::string(), out);
  return out;
}

}  // namespace tidewatch
