#include "stream/evaluate/chat/server_dialect.h"

#include <nlohmann/json.hpp>

namespace tidewatch {
namespace {

using Json = nlohmann::ordered_json;

bool names(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

}  // namespace

std::string ServerDialect::body(const ChatOptions& options, const ChatRequest& request) const {
  Json out = {{"model", options.model}, {"messages", Json::array()}};
  for (const ChatMessage& message : request.messages)
    out["messages"].push_back({{"role", message.role}, {"content", message.content}});
  if (options.temperature && takes_temperature_) out["temperature"] = *options.temperature;
  if (options.seed && takes_seed_) out["seed"] = *options.seed;
  out[has_other_limit_ ? "max_completion_tokens" : "max_tokens"] = options.max_tokens;
  if (!request.schema.empty() && form_ == AnswerForm::json_schema)
    out["response_format"] = {{"type", "json_schema"},
                              {"json_schema",
                               {{"name", request.schema_name},
                                {"strict", true},
                                {"schema", Json::parse(request.schema, nullptr, /*allow_exceptions=*/false)}}}};
  if (!request.schema.empty() && form_ == AnswerForm::json_object) out["response_format"] = {{"type", "json_object"}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool ServerDialect::learn(std::string_view refusal) {
  if (!has_other_limit_ && names(refusal, "max_completion_tokens")) return has_other_limit_ = true;
  if (takes_temperature_ && names(refusal, "temperature")) return !(takes_temperature_ = false);
  if (takes_seed_ && names(refusal, "seed")) return !(takes_seed_ = false);
  const bool is_of_form = names(refusal, "response_format") || names(refusal, "json_schema") ||
                          names(refusal, "json_object") || names(refusal, "guided_json");
  if (!is_of_form || form_ == AnswerForm::text) return false;
  form_ = form_ == AnswerForm::json_schema ? AnswerForm::json_object : AnswerForm::text;
  return true;
}

}  // namespace tidewatch
