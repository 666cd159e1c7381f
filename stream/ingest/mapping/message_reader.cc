#include "stream/ingest/mapping/message_reader.h"

#include <array>
#include <optional>

#include "stream/ingest/mapping/json_element.h"

namespace tidewatch {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// Requests nest (LangGraph state in LangChain messages); what lies deeper is no message.
constexpr int kMaxDepth = 6;

std::optional<element> member(object in, std::string_view name) {
  element out;
  if (in[name].get(out) != simdjson::SUCCESS || out.is_null()) return std::nullopt;
  return out;
}

std::string_view string_member(object in, std::string_view name) {
  const auto found = member(in, name);
  return found && found->is_string() ? text_in(*found) : std::string_view{};
}

bool is_empty(element value) {
  if (value.is_array()) return array_in(value).size() == 0;
  if (value.is_string()) return text_in(value).empty();
  return false;
}

bool is_tool_part(std::string_view type) {
  return type == "tool_call" || type == "tool_use" || type == "tool-call" || type == "function_call" ||
         type == "function" || type == "server_tool_use" || type == "mcp_call";
}

bool is_text_part(std::string_view type) {
  return type.empty() || type == "text" || type == "output_text" || type == "input_text" || type == "message" ||
         type == "refusal";
}

constexpr std::array<std::string_view, 5> kToolCallMembers{"tool_calls", "toolCalls", "function_call", "functionCall",
                                                           "tool_call"};

bool calls_tools(element content) {
  if (!content.is_array()) return false;
  for (const element part : array_in(content)) {
    object fields;
    if (part.get(fields) != simdjson::SUCCESS) continue;
    if (is_tool_part(string_member(fields, "type"))) return true;
    for (const auto name : kToolCallMembers)
      if (const auto calls = member(fields, name); calls && !is_empty(*calls)) return true;
  }
  return false;
}

/// The message inside its wrappers: LangChain's {kwargs}, a choice's {message}, an event's body.
object unwrapped(object message) {
  for (const auto name : {"kwargs", "message", "body", "data"})
    if (const auto inner = member(message, name); inner && inner->is_object()) {
      const object fields = object_in(*inner);
      for (const auto text : {"content", "parts", "role", "tool_calls"})
        if (member(fields, text)) return fields;
    }
  return message;
}

std::optional<element> content_of(object message) {
  for (const auto name : {"content", "parts", "text", "contents", "refusal"})
    if (const auto found = member(message, name)) return found;
  return std::nullopt;
}

void add_text(std::string& out, std::string_view text) {
  if (text.empty()) return;
  if (!out.empty()) out.push_back('\n');
  out.append(text);
}

void collect_text(element content, std::string& out, int depth) {
  if (depth > kMaxDepth) return;
  if (content.is_string()) return add_text(out, text_in(content));
  if (content.is_array()) {
    for (const element part : array_in(content)) collect_text(part, out, depth + 1);
    return;
  }
  object part;
  if (content.get(part) != simdjson::SUCCESS || !is_text_part(string_member(part, "type"))) return;
  if (const auto thought = member(part, "thought"); thought && element_as<bool>(*thought)) return;
  if (const auto inner = content_of(part)) collect_text(*inner, out, depth + 1);
}

void add_finish_reason(object from, std::vector<std::string>& out) {
  for (const auto name : {"finish_reason", "finishReason", "stop_reason", "stopReason"}) {
    if (const auto reason = string_member(from, name); !reason.empty()) {
      out.emplace_back(reason);
      return;
    }
  }
  // OpenAI Responses: {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
  if (const auto details = member(from, "incomplete_details"); details && details->is_object())
    if (const auto reason = string_member(object_in(*details), "reason"); !reason.empty()) out.emplace_back(reason);
}

/// Where a request keeps its messages, a question its text.
constexpr std::array<std::string_view, 17> kInputMembers{
    "messages", "contents", "new_message", "chat_history", "input", "prompt", "prompts", "question",  "query",
    "text",     "inputs",   "args",        "user_input",   "topic", "value",  "kwargs",  "user_query"};
constexpr std::array<std::string_view, 17> kOutputMembers{
    "choices", "candidates", "generations", "output", "messages", "message", "answer",       "response",     "result",
    "outputs", "completion", "text",        "value",  "delta",    "data",    "final_output", "return_values"};

}  // namespace

std::string MessageReader::text_of(element content) {
  std::string out;
  collect_text(content, out, 0);
  return out;
}

bool MessageReader::is_response(element json) {
  object fields;
  if (json.get(fields) != simdjson::SUCCESS) return true;
  for (const auto name : {"role", "choices", "candidates", "generations", "output", "content", "parts", "messages",
                          "message", "kwargs", "tool_calls"})
    if (fields[name].error() == simdjson::SUCCESS) return true;
  return false;
}

std::string_view MessageReader::role_of(object message) const {
  for (const auto name : {"role", "type", "author"})
    if (const auto role = normaliser_.role(string_member(message, name)); !role.empty()) return role;
  // Event lists name the message by its event: gen_ai.user.message, gen_ai.choice.
  const auto event = string_member(message, "event.name");
  if (event == "gen_ai.choice") return "assistant";
  for (const std::string_view role : {"user", "assistant", "system", "tool"})
    if (event.find(role) != std::string_view::npos) return role;
  return {};
}

bool MessageReader::read_input(element json, CallTexts& texts) const { return read_input(json, texts, 0); }

bool MessageReader::read_input(element json, CallTexts& texts, int depth) const {
  if (depth > kMaxDepth) return false;
  if (json.is_string()) {
    texts.question = text_in(json);
    return !texts.question.empty();
  }
  if (json.is_array()) {
    bool found = false;
    std::string_view last;
    for (const element item : array_in(json)) {
      if (item.is_string()) last = text_in(item);
      if (item.is_array()) found = read_input(item, texts, depth + 1) || found;  // LangChain: a list of lists
      object message;
      if (item.get(message) != simdjson::SUCCESS) continue;
      message = unwrapped(message);
      const auto role = role_of(message);
      if (!role.empty() && role != "user") continue;
      const auto content = content_of(message);
      if (!content) continue;
      if (auto text = text_of(*content); !text.empty()) {
        texts.question = std::move(text);
        found = true;
      }
    }
    if (!found && !last.empty()) {
      texts.question = last;
      found = true;
    }
    return found;
  }
  object fields;
  if (json.get(fields) != simdjson::SUCCESS) return false;
  const auto role = role_of(fields);
  if (role == "user" || (role.empty() && (member(fields, "content") || member(fields, "parts")))) {
    if (const auto content = content_of(fields)) {
      texts.question = text_of(*content);
      return !texts.question.empty();
    }
  }
  for (const auto name : kInputMembers)
    if (const auto inner = member(fields, name); inner && !is_empty(*inner) && read_input(*inner, texts, depth + 1))
      return true;
  return false;
}

bool MessageReader::read_answer(object message, CallTexts& texts, std::vector<std::string>& finish_reasons,
                                int depth) const {
  add_finish_reason(message, finish_reasons);
  const object inner = unwrapped(message);
  bool found = false;
  for (const auto name : kToolCallMembers)
    if (const auto calls = member(inner, name); calls && !is_empty(*calls)) found = texts.has_tool_calls = true;
  if (is_tool_part(string_member(inner, "type"))) return texts.has_tool_calls = true;
  const auto content = content_of(inner);
  if (!content) {
    if (const auto empty = inner["content"]; empty.error() == simdjson::SUCCESS && !found) texts.answer = "";
    return found || texts.answer.has_value();
  }
  if (content->is_object() && depth < kMaxDepth)  // Gemini: {"content": {"parts": [...], "role": "model"}}
    return read_answer(object_in(*content), texts, finish_reasons, depth + 1) || found;
  if (calls_tools(*content)) found = texts.has_tool_calls = true;
  auto text = text_of(*content);
  if (!text.empty() || !found) texts.answer = std::move(text);
  return true;
}

bool MessageReader::read_answers(array messages, CallTexts& texts, std::vector<std::string>& finish_reasons,
                                 int depth) const {
  bool found = false;
  for (const element item : messages) {
    if (item.is_string()) {
      texts.answer = text_in(item);
      found = true;
      continue;
    }
    if (item.is_array()) {  // LangChain's generations: a list of lists
      found = read_answers(array_in(item), texts, finish_reasons, depth + 1) || found;
      continue;
    }
    object message;
    if (depth > kMaxDepth || item.get(message) != simdjson::SUCCESS) continue;
    const auto role = role_of(unwrapped(message));
    if (role == "user") {  // a conversation: only what follows the last question answers it
      texts.answer.reset();
      texts.has_tool_calls = false;
      found = false;
    }
    if (!role.empty() && role != "assistant") continue;
    found = read_answer(message, texts, finish_reasons, depth) || found;
  }
  return found;
}

bool MessageReader::read_output(element json, CallTexts& texts, std::vector<std::string>& finish_reasons) const {
  return read_output(json, texts, finish_reasons, 0);
}

bool MessageReader::read_output(element json, CallTexts& texts, std::vector<std::string>& finish_reasons,
                                int depth) const {
  if (depth > kMaxDepth) return false;
  if (json.is_string()) {
    texts.answer = text_in(json);
    return true;
  }
  if (json.is_array()) return read_answers(array_in(json), texts, finish_reasons, depth);
  object fields;
  if (json.get(fields) != simdjson::SUCCESS) return false;
  const auto role = role_of(fields);
  const bool is_message = member(fields, "content") || member(fields, "parts") || member(fields, "tool_calls");
  if (role == "assistant" || (role.empty() && is_message)) return read_answer(fields, texts, finish_reasons, depth);
  for (const auto name : kOutputMembers)
    if (const auto inner = member(fields, name); inner && !is_empty(*inner)) {
      add_finish_reason(fields, finish_reasons);
      if (read_output(*inner, texts, finish_reasons, depth + 1)) return true;
    }
  if (depth > 0 || is_response(json)) return false;
  texts.answer = simdjson::minify(json);  // a structured result
  return true;
}

size_t MessageReader::read_documents(element json, CallTexts& texts, std::optional<double>& score) {
  if (json.is_object()) {
    for (const auto name : {"documents", "results", "matches", "nodes", "docs", "hits", "data", "content"})
      if (const auto inner = member(object_in(json), name); inner && inner->is_array())
        return read_documents(*inner, texts, score);
    return 0;
  }
  array items;
  if (json.get(items) != simdjson::SUCCESS) return 0;
  size_t count = 0;
  for (const element item : items) {
    ++count;
    if (item.is_string()) texts.documents.emplace_back(text_in(item));
    object document;
    if (item.get(document) != simdjson::SUCCESS) continue;
    for (const auto name : {"content", "page_content", "text", "document", "body", "snippet"})
      if (const auto text = member(document, name)) {
        if (auto found = text_of(*text); !found.empty()) texts.documents.push_back(std::move(found));
        break;
      }
    for (const auto name : {"score", "similarity", "relevance_score"}) {
      double value = 0;
      if (const auto found = member(document, name); found && found->get(value) == simdjson::SUCCESS) {
        if (!score || value > *score) score = value;
        break;
      }
    }
  }
  return count;
}

}  // namespace tidewatch
