#include "stream/ingest/mapping/message_details.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tidewatch {
namespace {

using Json = nlohmann::json;

/// Requests nest (LangGraph state in LangChain messages); what lies deeper is no message.
constexpr int kMaxDepth = 8;

const Json* member(const Json& in, std::string_view name) {
  if (!in.is_object()) return nullptr;
  const auto found = in.find(name);
  return found == in.end() || found->is_null() ? nullptr : &*found;
}

template <size_t kCount>
const Json* first_member(const Json& in, const std::array<std::string_view, kCount>& names) {
  for (const std::string_view name : names)
    if (const Json* found = member(in, name)) return found;
  return nullptr;
}

std::string text_member(const Json& in, std::string_view name) {
  const Json* found = member(in, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

constexpr std::array<std::string_view, 5> kContents{"content", "parts", "text", "contents", "refusal"};
constexpr std::array<std::string_view, 5> kCalls{"tool_calls", "toolCalls", "function_call", "functionCall",
                                                 "tool_call"};

std::string written(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The message inside its wrappers: LangChain's {kwargs}, a choice's {message}, an event's body.
const Json* unwrapped(const Json* message) {
  const auto is_message = [](const Json* inner) {
    return member(*inner, "content") || member(*inner, "parts") || member(*inner, "role") ||
           member(*inner, "tool_calls");
  };
  for (const auto name : {"kwargs", "message", "body", "data"})
    if (const Json* inner = member(*message, name); inner != nullptr && inner->is_object() && is_message(inner))
      return inner;
  return message;
}

std::string role_of(const Json& message, const Normaliser& normaliser) {
  for (const auto name : {"role", "type", "author"})
    if (const auto role = normaliser.role(text_member(message, name)); !role.empty()) return std::string(role);
  const std::string event = text_member(message, "event.name");
  for (const std::string_view role : {"user", "assistant", "system", "tool"})
    if (event.find(role) != std::string::npos) return std::string(role);
  return {};
}

bool is_tool_part(std::string_view type) {
  return type == "tool_call" || type == "tool_use" || type == "tool-call" || type == "function_call" ||
         type == "server_tool_use" || type == "mcp_call";
}

void add_text(std::string& out, const std::string& text) {
  if (text.empty()) return;
  if (!out.empty()) out += '\n';
  out += text;
}

/// OpenAI's {function: {name, arguments}}, Anthropic's and Vercel's `input`, Gemini's `args`.
void add_call(const Json& call, CallDetails& out) {
  const Json* function = member(call, "function");
  const Json& of = function != nullptr && function->is_object() ? *function : call;
  CallDetails::ToolCall found;
  for (const auto name : {"name", "toolName", "tool_name"})
    if (found.name.empty()) found.name = text_member(of, name);
  if (found.name.empty()) return;
  constexpr std::array<std::string_view, 4> kArguments{"arguments", "args", "input", "parameters"};
  if (const Json* arguments = first_member(of, kArguments)) found.arguments = written(*arguments);
  out.tool_calls.push_back(std::move(found));
}

/// Results that stand as parts of a message.
void add_results(const Json& content, CallDetails& out) {
  if (!content.is_array()) return;
  for (const Json& part : content) {
    const std::string type = text_member(part, "type");
    if (type != "tool_result" && type != "tool_call_response" && type != "tool-result" &&
        type != "function_call_output")
      continue;
    constexpr std::array<std::string_view, 4> kResults{"content", "response", "result", "output"};
    if (const Json* result = first_member(part, kResults)) {
      const std::string text = content_text(*result);
      out.tool_results.push_back(text.empty() ? written(*result) : text);
    }
  }
}

struct Message {
  std::string role;
  std::string text;
};

void collect(const Json& input, const Normaliser& normaliser, std::vector<Message>& messages, CallDetails& out,
             int depth) {
  if (depth > kMaxDepth) return;
  if (input.is_array()) {
    for (const Json& item : input) collect(item, normaliser, messages, out, depth + 1);
    return;
  }
  if (!input.is_object()) return;
  const Json& message = *unwrapped(&input);
  const Json* content = first_member(message, kContents);
  const std::string role = role_of(message, normaliser);
  if (content != nullptr && !role.empty()) {
    add_results(*content, out);
    const std::string text = content_text(*content);
    if (role == "tool") {
      if (!text.empty()) out.tool_results.push_back(text);
    } else {
      messages.push_back({role, text});
    }
    return;
  }
  // A request: messages beside instructions and tools.
  constexpr std::array<std::string_view, 3> kInstructions{"system", "instructions", "system_instruction"};
  if (const Json* instructions = first_member(input, kInstructions)) {
    const Json* parts = member(*instructions, "parts");
    add_text(out.instructions, content_text(parts != nullptr ? *parts : *instructions));
  }
  if (const Json* tools = member(input, "tools")) add_tools(*tools, out);
  constexpr std::array<std::string_view, 8> kInputs{"messages", "contents", "chat_history", "input",
                                                    "prompt",   "inputs",   "kwargs",       "args"};
  if (const Json* inner = first_member(input, kInputs)) collect(*inner, normaliser, messages, out, depth + 1);
}

void add_calls_in(const Json& output, CallDetails& out, int depth) {
  if (depth > kMaxDepth) return;
  if (output.is_array()) {
    for (const Json& item : output) add_calls_in(item, out, depth + 1);
    return;
  }
  if (!output.is_object()) return;
  if (is_tool_part(text_member(output, "type"))) return add_call(output, out);
  bool has_calls = false;
  for (const std::string_view name : kCalls) {
    const Json* calls = member(output, name);
    if (calls == nullptr || calls->empty()) continue;
    has_calls = true;
    if (calls->is_array())
      for (const Json& call : *calls) add_call(call, out);
    else
      add_call(*calls, out);
    break;
  }
  for (const auto& [name, value] : output.items()) {
    if (!value.is_structured()) continue;
    const bool is_calls = std::find(kCalls.begin(), kCalls.end(), name) != kCalls.end();
    // LangChain repeats calls in these.
    const bool is_copy = has_calls && (name == "additional_kwargs" || name == "content");
    if (!is_calls && !is_copy) add_calls_in(value, out, depth + 1);
  }
}

}  // namespace

std::string content_text(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string out;
  if (content.is_array()) {
    for (const Json& part : content) add_text(out, content_text(part));
    return out;
  }
  const std::string type = text_member(content, "type");
  const bool is_text = type.empty() || type == "text" || type == "output_text" || type == "input_text" ||
                       type == "message" || type == "refusal";
  if (!is_text) return out;
  if (const Json* inner = first_member(content, kContents)) return content_text(*inner);
  return out;
}

void add_input_details(const Json& input, const Normaliser& normaliser, CallDetails& out) {
  std::vector<Message> messages;
  collect(input, normaliser, messages, out, 0);
  const auto last_question =
      std::find_if(messages.rbegin(), messages.rend(), [](const Message& one) { return one.role == "user"; });
  const auto questions_left = messages.rend() - last_question;  // up to it, itself included; 0: there is none
  for (std::ptrdiff_t i = 0; i < std::ssize(messages); ++i) {
    const Message& message = messages[static_cast<size_t>(i)];
    if (message.text.empty()) continue;
    if (message.role == "system")
      add_text(out.instructions, message.text);
    else if (i + 1 < questions_left)
      out.conversation.push_back(message.text);
  }
}

void add_tool_calls(const Json& output, CallDetails& out) { add_calls_in(output, out, 0); }

void add_tools(const Json& definitions, CallDetails& out) {
  if (definitions.is_array()) {
    for (const Json& one : definitions) add_tools(one, out);
    return;
  }
  if (definitions.is_string()) {
    const Json inner = Json::parse(definitions.get<std::string>(), nullptr, false);
    if (inner.is_structured()) add_tools(inner, out);
    return;
  }
  if (!definitions.is_object()) return;
  if (const Json* declared = member(definitions, "functionDeclarations")) return add_tools(*declared, out);
  const Json* function = member(definitions, "function");
  const Json& of = function != nullptr && function->is_object() ? *function : definitions;
  CallDetails::Tool tool;
  tool.name = text_member(of, "name");
  if (tool.name.empty()) return;
  constexpr std::array<std::string_view, 4> kSchemas{"parameters", "input_schema", "inputSchema", "args_schema"};
  if (const Json* schema = first_member(of, kSchemas)) tool.schema = written(*schema);
  out.tools.push_back(std::move(tool));
}

void add_document_metadata(const Json& metadata, CallDetails::Document& out) {
  constexpr std::array<std::string_view, 4> kIds{"id", "doc_id", "document_id", "node_id"};
  constexpr std::array<std::string_view, 3> kTitles{"title", "name", "file_name"};
  constexpr std::array<std::string_view, 4> kUrls{"url", "uri", "link", "source"};
  const auto fill = [&](std::string& into, const auto& names) {
    if (!into.empty()) return;
    if (const Json* found = first_member(metadata, names); found != nullptr && !found->is_structured())
      into = written(*found);
  };
  fill(out.id, kIds);
  fill(out.title, kTitles);
  fill(out.url, kUrls);
}

void add_documents(const Json& documents, CallDetails& out) {
  if (documents.is_object()) {
    for (const auto name : {"documents", "results", "matches", "nodes", "docs", "hits", "data", "content"})
      if (const Json* inner = member(documents, name); inner != nullptr && inner->is_array())
        return add_documents(*inner, out);
    return;
  }
  if (!documents.is_array()) return;
  for (const Json& item : documents) {
    CallDetails::Document document;
    if (item.is_string()) document.text = item.get<std::string>();
    if (item.is_object()) {
      const Json* inner = member(item, "document");
      const Json& of = inner != nullptr && inner->is_object() ? *inner : item;
      constexpr std::array<std::string_view, 5> kTexts{"content", "page_content", "text", "body", "snippet"};
      if (const Json* text = first_member(of, kTexts)) document.text = content_text(*text);
      add_document_metadata(of, document);
      if (const Json* metadata = member(of, "metadata")) add_document_metadata(*metadata, document);
    }
    if (!document.text.empty() || !document.id.empty()) out.documents.push_back(std::move(document));
  }
}

}  // namespace tidewatch
