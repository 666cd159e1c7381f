#include "app/gen/trace/span_text.h"

#include <fmt/format.h>

#include "app/files/json_appender.h"

namespace tidewatch::gen {
namespace {

otlp::v1::AnyValue& add(Attributes& to, std::string_view key) {
  otlp::v1::KeyValue& added = *to.Add();
  added.set_key(key.data(), key.size());
  return *added.mutable_value();
}

void member(JsonWriter& to, std::string_view key, std::string_view text) {
  to.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void begin_message(JsonWriter& to, std::string_view role) {
  to.StartObject();
  member(to, "role", role);
  to.Key("parts");
  to.StartArray();
}
void text_part(JsonWriter& to, std::string_view text) {
  to.StartObject();
  member(to, "type", "text");
  member(to, "content", text);
  to.EndObject();
}

}  // namespace

void set(Attributes& to, std::string_view key, std::string_view value) {
  add(to, key).set_string_value(value.data(), value.size());
}
void set(Attributes& to, std::string_view key, const char* value) { set(to, key, std::string_view(value)); }
void set(Attributes& to, std::string_view key, int64_t value) { add(to, key).set_int_value(value); }
void set(Attributes& to, std::string_view key, double value) { add(to, key).set_double_value(value); }
void set(Attributes& to, std::string_view key, bool value) { add(to, key).set_bool_value(value); }
void set_list(Attributes& to, std::string_view key, std::string_view only_value) {
  add(to, key).mutable_array_value()->add_values()->set_string_value(only_value.data(), only_value.size());
}

std::string input_messages(std::string_view system, std::string_view question) {
  std::string out;
  JsonAppender stream{out};
  JsonWriter to(stream);
  to.StartArray();
  for (const auto& [role, text] : {std::pair{"system", system}, std::pair{"user", question}}) {
    begin_message(to, role);
    text_part(to, text);
    to.EndArray();
    to.EndObject();
  }
  to.EndArray();
  return out;
}

std::string output_message(std::string_view answer, std::string_view finish_reason) {
  std::string out;
  JsonAppender stream{out};
  JsonWriter to(stream);
  to.StartArray();
  begin_message(to, "assistant");
  text_part(to, answer);
  to.EndArray();
  member(to, "finish_reason", finish_reason);
  to.EndObject();
  to.EndArray();
  return out;
}

std::string output_tool_call(std::string_view tool, std::string_view call_id, int order) {
  std::string out;
  JsonAppender stream{out};
  JsonWriter to(stream);
  to.StartArray();
  begin_message(to, "assistant");
  to.StartObject();
  member(to, "type", "tool_call");
  member(to, "id", call_id);
  member(to, "name", tool);
  to.Key("arguments");
  to.StartObject();
  member(to, "order_id", fmt::format("A-{}", order));
  to.EndObject();
  to.EndObject();
  to.EndArray();
  member(to, "finish_reason", "tool_calls");
  to.EndObject();
  to.EndArray();
  return out;
}

void set_documents(Attributes& to, std::span<const Document> documents) {
  for (size_t i = 0; i < documents.size(); ++i) {
    const std::string prefix = fmt::format("retrieval.documents.{}.document.", i);
    set(to, prefix + "id", documents[i].id);
    set(to, prefix + "content", documents[i].text);
    set(to, prefix + "score", documents[i].score);
  }
}

}  // namespace tidewatch::gen
