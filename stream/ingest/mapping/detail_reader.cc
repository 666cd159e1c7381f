#include "stream/ingest/mapping/detail_reader.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "stream/ingest/mapping/attribute_values.h"
#include "stream/ingest/mapping/message_details.h"

namespace tidewatch {
namespace {

using Json = nlohmann::json;
using Kind = OtlpValue::Kind;

/// The JSON in a value; nothing when it is a plain text.
std::optional<Json> json_in(const OtlpValue& value) {
  const std::string text = value.kind == Kind::text ? std::string(value.text) : json_of(value);
  Json out = Json::parse(text, nullptr, false);
  if (out.is_structured()) return out;
  return std::nullopt;
}

/// Numbered messages as a list of messages.
Json numbered_messages(const AttributeSlots& slots) {
  std::map<uint32_t, std::pair<std::string, std::string>> messages;
  for (const auto& piece : slots.pieces()) {
    auto& [role, text] = messages[piece.numbers.first];
    if (piece.row->field == CanonicalField::input_role) role = text_of(*piece.value);
    if (piece.row->field == CanonicalField::input_text) text += text_of(*piece.value);
  }
  Json out = Json::array();
  for (const auto& [number, message] : messages)
    if (!message.first.empty()) out.push_back({{"role", message.first}, {"content", message.second}});
  return out;
}

void add_numbered_tools(const AttributeSlots& slots, CallDetails& out) {
  std::map<std::pair<uint32_t, uint32_t>, CallDetails::ToolCall> calls;
  std::map<uint32_t, CallDetails::Tool> tools;
  for (const auto& piece : slots.pieces()) {
    const std::pair place{piece.numbers.first, piece.numbers.second};
    const std::string text(text_of(*piece.value));
    switch (piece.row->field) {
      case CanonicalField::output_tool_calls:
        calls[place].name = text;
        break;
      case CanonicalField::output_tool_arguments:
        calls[place].arguments = text;
        break;
      case CanonicalField::tool_schema:
        if (const auto definition = json_in(*piece.value)) add_tools(*definition, out);
        break;
      case CanonicalField::tool_schema_name:
        tools[piece.numbers.first].name = text;
        break;
      case CanonicalField::tool_schema_parameters:
        tools[piece.numbers.first].schema = text;
        break;
      default:
        break;
    }
  }
  for (auto& [place, call] : calls)
    if (!call.name.empty()) out.tool_calls.push_back(std::move(call));
  for (auto& [number, tool] : tools)
    if (!tool.name.empty()) out.tools.push_back(std::move(tool));
}

void add_numbered_documents(const AttributeSlots& slots, CallDetails& out) {
  std::map<uint32_t, CallDetails::Document> documents;
  for (const auto& piece : slots.pieces()) {
    const CanonicalField field = piece.row->field;
    if (field == CanonicalField::document_text) documents[piece.numbers.first].text = text_of(*piece.value);
    if (field == CanonicalField::document_id) documents[piece.numbers.first].id = label_of(*piece.value);
    if (field == CanonicalField::document_metadata)
      if (const auto metadata = json_in(*piece.value)) add_document_metadata(*metadata, documents[piece.numbers.first]);
  }
  for (auto& [number, document] : documents) out.documents.push_back(std::move(document));
}

std::string_view role_of(EventRole role) {
  switch (role) {
    case EventRole::system:
      return "system";
    case EventRole::user:
      return "user";
    case EventRole::assistant:
      return "assistant";
    case EventRole::tool:
      return "tool";
    default:
      return {};
  }
}

/// Messages of events and log records as a list of messages; what choices call goes to `out`.
Json event_messages(const std::vector<EventMessage>& events, CallDetails& out) {
  Json messages = Json::array();
  for (const EventMessage& event : events) {
    const OtlpValue* body = event.body;
    if (body == nullptr || body->kind == Kind::null) body = find_attribute(*event.attributes, "gen_ai.event.content");
    const Json content =
        body != nullptr
            ? Json::parse(body->kind == Kind::text ? std::string(body->text) : json_of(*body), nullptr, false)
            : Json::parse(json_of(*event.attributes), nullptr, false);
    if (event.role == EventRole::choice && content.is_structured()) add_tool_calls(content, out);
    const std::string_view role = role_of(event.role);
    if (role.empty()) continue;
    const bool is_message = content.is_object() && content.contains("content");
    const Json text = is_message ? content["content"] : body != nullptr ? Json(std::string(text_of(*body))) : Json("");
    messages.push_back({{"role", role}, {"content", text}});
  }
  return messages;
}

void add_conversation(const Normaliser& normaliser, AttributeSlots& slots, const std::vector<EventMessage>& events,
                      CallDetails& out) {
  const Json numbered = numbered_messages(slots);
  bool has_input = !numbered.empty();
  if (has_input) add_input_details(numbered, normaliser, out);
  add_numbered_tools(slots, out);
  for (const auto& source : slots.sorted_content()) {
    if (source.row->is_verbatim) continue;
    const CanonicalField field = source.row->field;
    const auto json = json_in(*source.value);
    if (!json) continue;
    if (field == CanonicalField::input && !has_input) {
      add_input_details(*json, normaliser, out);
      has_input = true;
    }
    if (field == CanonicalField::output && out.tool_calls.empty()) add_tool_calls(*json, out);
  }
  if (slots.has(CanonicalField::instructions)) {
    const OtlpValue& value = *slots[CanonicalField::instructions].value;
    const auto json = json_in(value);
    const std::string text = json ? content_text(*json) : std::string(text_of(value));
    out.instructions = out.instructions.empty() ? text : text + "\n" + out.instructions;
  }
  if (slots.has(CanonicalField::tools) && out.tools.empty())
    if (const auto json = json_in(*slots[CanonicalField::tools].value)) add_tools(*json, out);
  if (slots.has(CanonicalField::tool_calls) && out.tool_calls.empty())
    if (const auto json = json_in(*slots[CanonicalField::tool_calls].value))
      add_tool_calls(Json{{"tool_calls", *json}}, out);
  const Json said = event_messages(events, out);
  if (!said.empty()) add_input_details(said, normaliser, out);
}

}  // namespace

CallDetails DetailReader::read(AttributeSlots& slots, const std::vector<EventMessage>& events,
                               v1::Operation operation) const {
  CallDetails out;
  add_numbered_documents(slots, out);
  const bool is_retrieval = operation == v1::OPERATION_RETRIEVAL;
  const bool has_documents = !out.documents.empty();
  for (const auto& source : slots.sorted_content()) {
    const CanonicalField field = source.row->field;
    const bool is_wanted = field == CanonicalField::documents || (is_retrieval && field == CanonicalField::output);
    if (has_documents || !out.documents.empty() || !is_wanted) continue;
    if (const auto json = json_in(*source.value)) add_documents(*json, out);
  }
  const bool has_conversation = operation == v1::OPERATION_LLM || operation == v1::OPERATION_AGENT ||
                                operation == v1::OPERATION_UNKNOWN || operation == v1::OPERATION_SERVER;
  if (has_conversation) add_conversation(table_.normaliser(), slots, events, out);
  return out;
}

}  // namespace tidewatch
