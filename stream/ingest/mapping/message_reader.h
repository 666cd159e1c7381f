#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/ingest/dialects/normaliser.h"
#include "stream/signals/call_texts.h"

namespace tidewatch {

/// Finds the user's question and the model's answer in the JSON that instrumentations record: lists of messages (OpenAI
/// content, OpenTelemetry and Gemini parts, LangChain types), requests ({messages|contents|prompt|input ...}) and
/// responses ({choices|candidates|output|generations|content ...}), single messages and plain texts.
class MessageReader {
 public:
  explicit MessageReader(const Normaliser& normaliser) : normaliser_(normaliser) {}

  /// Sets `question` to the user's last message. False when there is none.
  bool read_input(simdjson::dom::element json, CallTexts& texts) const;

  /// Sets `answer` and `has_tool_calls`, and adds finish reasons as stated. Of several answers the last with text.
  /// False when neither text nor tool calls were found.
  bool read_output(simdjson::dom::element json, CallTexts& texts, std::vector<std::string>& finish_reasons) const;

  /// Texts of documents, with `score` the best score among them where scores are stated.
  static size_t read_documents(simdjson::dom::element json, CallTexts& texts, std::optional<double>& score);

  /// A response or message, as against a structured answer that is JSON itself. Everything but objects is taken for
  /// one.
  static bool is_response(simdjson::dom::element json);

  /// The text parts of a message's content, joined by line feeds.
  static std::string text_of(simdjson::dom::element content);

 private:
  std::string_view role_of(simdjson::dom::object message) const;
  bool read_answer(simdjson::dom::object message, CallTexts& texts, std::vector<std::string>& finish_reasons,
                   int depth) const;
  bool read_input(simdjson::dom::element json, CallTexts& texts, int depth) const;
  bool read_output(simdjson::dom::element json, CallTexts& texts, std::vector<std::string>& finish_reasons,
                   int depth) const;
  bool read_answers(simdjson::dom::array messages, CallTexts& texts, std::vector<std::string>& finish_reasons,
                    int depth) const;

  const Normaliser& normaliser_;
};

}  // namespace tidewatch
