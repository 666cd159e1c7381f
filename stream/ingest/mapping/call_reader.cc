#include "stream/ingest/mapping/call_reader.h"

#include <algorithm>
#include <limits>
#include <map>

#include "stream/ingest/mapping/attribute_values.h"

namespace tidewatch {
namespace {

using Kind = OtlpValue::Kind;
using simdjson::dom::element;
using tidewatch::v1::Operation;

struct NumberedMessage {
  std::string_view role;
  std::map<uint32_t, std::string_view> texts;
  bool calls_tools = false;
};

}  // namespace

std::optional<element> CallReader::parse(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[' && text[first] != '"'))
    return std::nullopt;
  element out;
  if (parser_.parse(text.data(), text.size()).get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<element> CallReader::json_in(const OtlpValue& value) {
  if (value.kind == Kind::text) return parse(value.text);
  if (value.kind != Kind::array && value.kind != Kind::object) return std::nullopt;
  written_ = json_of(value);
  return parse(written_);
}

bool CallReader::read_input(const AttributeSlots::Found& source, Call& call) {
  if (!source.row->is_verbatim)
    if (const auto json = json_in(*source.value)) return messages_.read_input(*json, call.texts);
  call.texts.question = text_of(*source.value);
  return !call.texts.question.empty();
}

bool CallReader::read_output(const AttributeSlots::Found& source, bool is_model, Call& call) {
  const auto json = source.row->is_verbatim ? std::nullopt : json_in(*source.value);
  // A model's own JSON answer stays as it is; an agent's is looked into ({"result": ...}).
  if (json && (!is_model || MessageReader::is_response(*json))) {
    if (messages_.read_output(*json, call.texts, call.finish_reasons)) return true;
    if (!is_model || !json->is_array()) return false;
  }
  if (source.value->kind != Kind::text) return false;
  call.texts.answer = std::string(source.value->text);
  return true;
}

/// Numbered messages: of the input the user's last one, of the output the last one with text. Frameworks that record a
/// stream as one message for each token are put together again.
bool CallReader::read_pieces(const AttributeSlots& slots, CanonicalField role_field, CanonicalField text_field,
                             Call& call) {
  const bool is_output = text_field == CanonicalField::output_text;
  int best = std::numeric_limits<int>::max();
  for (const auto& piece : slots.pieces())
    if (piece.row->field == text_field || (is_output && piece.row->field == CanonicalField::output_tool_calls))
      best = std::min(best, table_.dialect_order(piece.row->dialect));
  if (best == std::numeric_limits<int>::max()) return false;

  std::map<uint32_t, NumberedMessage> messages;
  for (const auto& piece : slots.pieces()) {
    if (table_.dialect_order(piece.row->dialect) != best) continue;
    const CanonicalField field = piece.row->field;
    if (field == role_field) {
      messages[piece.numbers.first].role = table_.normaliser().role(text_of(*piece.value));
    } else if (field == text_field) {
      auto& texts = messages[piece.numbers.first].texts;
      if (piece.value->kind == Kind::text) texts.emplace(piece.numbers.second, piece.value->text);
    } else if (is_output && field == CanonicalField::output_tool_calls) {
      messages[piece.numbers.first].calls_tools = true;
    } else if (is_output && field == CanonicalField::output_finish_reason) {
      if (const auto reason = text_of(*piece.value); !reason.empty()) call.finish_reasons.emplace_back(reason);
    }
  }
  constexpr size_t kMostChoices = 16;
  const bool is_stream = is_output && messages.size() > kMostChoices;
  bool found = false;
  std::string streamed;
  for (const auto& [number, message] : messages) {
    const bool is_wanted =
        is_output ? message.role != "user" && message.role != "system" : message.role.empty() || message.role == "user";
    if (!is_wanted) continue;
    if (message.calls_tools) found = call.texts.has_tool_calls = true;
    for (const auto& [part, text] : message.texts) {
      if (is_stream) {
        streamed += text;
        continue;
      }
      const auto json = text.starts_with("[{") ? parse(text) : std::nullopt;
      if (is_output) {
        if (json && messages_.read_output(*json, call.texts, call.finish_reasons)) {
          found = true;
          continue;
        }
        call.texts.answer = std::string(text);
      } else {
        auto plain = json ? MessageReader::text_of(*json) : std::string(text);
        if (part == 0 || call.texts.question.empty())
          call.texts.question = std::move(plain);
        else
          call.texts.question.append("\n").append(plain);
      }
      found = true;
    }
  }
  if (is_stream && !streamed.empty()) {
    call.texts.answer = std::move(streamed);
    found = true;
  }
  return found;
}

void CallReader::read_event(const EventMessage& event, Call& call) {
  const bool is_question = event.role == EventRole::user;
  if (!is_question && event.role != EventRole::choice) return;  // history and instructions: not this call's
  const OtlpValue* body = event.body;
  std::string attributes;
  if (body == nullptr || body->kind == Kind::null) {
    body = find_attribute(*event.attributes, "gen_ai.event.content");
    if (body == nullptr) attributes = json_of(*event.attributes);
  }
  const auto json = body != nullptr ? json_in(*body) : parse(attributes);
  if (is_question) {
    CallTexts one;
    const bool found = json ? messages_.read_input(*json, one) : !text_of(*body).empty();
    if (!found) return;
    call.texts.question = json ? one.question : std::string(text_of(*body));
    call.has_content = true;
  } else if (json && messages_.read_output(*json, call.texts, call.finish_reasons)) {
    call.has_content = true;
  }
}

void CallReader::read_schema(const AttributeSlots& slots, CallTexts& texts) {
  if (slots.has(CanonicalField::output_schema)) {
    const auto& value = *slots[CanonicalField::output_schema].value;
    texts.schema = value.kind == Kind::text ? std::string(value.text) : json_of(value);
  }
  texts.is_json_expected = !texts.schema.empty() || slots[CanonicalField::json_mode].word == "true";
}

void CallReader::read_documents(AttributeSlots& slots, bool is_retrieval, Call& call) {
  std::map<uint32_t, std::string_view> texts;
  uint32_t count = 0;
  for (const auto& piece : slots.pieces()) {
    const CanonicalField field = piece.row->field;
    if (field != CanonicalField::document_text && field != CanonicalField::document_score &&
        field != CanonicalField::document_id)
      continue;
    constexpr uint32_t kMost = 100000;
    if (piece.numbers.first < kMost) count = std::max(count, piece.numbers.first + 1);
    if (field == CanonicalField::document_text && piece.value->kind == Kind::text)
      texts.emplace(piece.numbers.first, piece.value->text);
    if (const auto score = field == CanonicalField::document_score ? number_of(*piece.value) : std::nullopt)
      call.retrieval_score = std::max(*score, call.retrieval_score.value_or(*score));
  }
  if (count > 0) {
    call.documents = count;
    for (const auto& [number, text] : texts) call.texts.documents.emplace_back(text);
    return;
  }
  for (const auto& source : slots.sorted_content()) {
    const bool is_source =
        source.row->field == CanonicalField::documents || (is_retrieval && source.row->field == CanonicalField::output);
    if (!is_source) continue;
    const auto json = json_in(*source.value);
    if (!json) continue;
    if (!json->is_array() && source.row->field == CanonicalField::output && !json->is_object()) continue;
    call.documents = static_cast<uint32_t>(MessageReader::read_documents(*json, call.texts, call.retrieval_score));
    return;
  }
}

CallReader::Call CallReader::read(AttributeSlots& slots, const std::vector<EventMessage>& events, Operation operation) {
  Call call;
  if (operation == v1::OPERATION_RETRIEVAL || operation == v1::OPERATION_RERANK || !slots.pieces().empty())
    read_documents(slots, operation == v1::OPERATION_RETRIEVAL, call);
  // What a tool, an embedding or a database takes and returns is neither a user's question nor an answer.
  const bool is_model = operation == v1::OPERATION_LLM;
  const bool has_conversation = is_model || operation == v1::OPERATION_AGENT || operation == v1::OPERATION_UNKNOWN ||
                                operation == v1::OPERATION_SERVER;
  if (!has_conversation && operation != v1::OPERATION_RETRIEVAL) return call;

  bool has_question = read_pieces(slots, CanonicalField::input_role, CanonicalField::input_text, call);
  for (const auto& source : slots.sorted_content())
    if (source.row->field == CanonicalField::input && !has_question) has_question = read_input(source, call);
  if (!has_conversation) {
    call.has_content = has_question || !call.texts.documents.empty();
    return call;
  }
  bool has_answer = read_pieces(slots, CanonicalField::output_role, CanonicalField::output_text, call);
  for (const auto& source : slots.sorted_content())
    if (source.row->field == CanonicalField::output && !has_answer) has_answer = read_output(source, is_model, call);
  if (slots.has(CanonicalField::tool_calls)) has_answer = call.texts.has_tool_calls = true;
  call.has_content = has_question || has_answer;
  for (const auto& event : events) read_event(event, call);
  if (is_model || slots.has(CanonicalField::output_schema)) read_schema(slots, call.texts);
  return call;
}

}  // namespace tidewatch
