#include "stream/evaluate/chat/completion.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tidewatch {
namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json* value) {
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  std::string out;  // parts, as newer servers may send them
  if (value->is_array())
    for (const Json& part : *value)
      if (const Json* text = member(part, "text"); text != nullptr && text->is_string())
        out += text->get<std::string>();
  return out;
}

uint64_t count_in(const Json* usage, const char* name) {
  const Json* count = usage == nullptr ? nullptr : member(*usage, name);
  return count != nullptr && count->is_number_unsigned() ? count->get<uint64_t>() : 0;
}

constexpr size_t kShown = 200;

std::string one_line(std::string_view text) {
  std::string out(text.substr(0, kShown));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text.size() > kShown ? out + "…" : out;
}

}  // namespace

Result<ChatAnswer> read_completion(std::string_view body) {
  const Json root = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded())
    return Error{"bad_answer",
                 fmt::format("the response is no JSON: {} bytes that do not end as it must", body.size())};
  const Json* choices = member(root, "choices");
  if (choices == nullptr || !choices->is_array())
    return Error{"bad_answer", "the response has no choices: " + said_in_error(body)};
  if (choices->empty()) return Error{"bad_answer", "the response has an empty list of choices"};
  const Json& choice = choices->front();
  const Json* message = member(choice, "message");
  if (message == nullptr) return Error{"bad_answer", "the first choice has no message"};
  const std::string refusal = text_of(member(*message, "refusal"));
  const std::string reason = text_of(member(choice, "finish_reason"));
  if (!refusal.empty()) return Error{"refused", "the model refuses: " + one_line(refusal)};
  if (reason == "content_filter") return Error{"refused", "a content filter stopped the answer"};
  ChatAnswer out;
  out.text = text_of(member(*message, "content"));
  out.was_cut_off = reason == "length";
  const Json* usage = member(root, "usage");
  out.usage.input_tokens = count_in(usage, "prompt_tokens");
  out.usage.output_tokens = count_in(usage, "completion_tokens");
  out.usage.is_estimated = out.usage.input_tokens == 0;
  return out;
}

std::string said_in_error(std::string_view body) {
  const Json root = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (const Json* error = member(root, "error")) {
    if (error->is_string()) return one_line(error->get<std::string>());
    if (std::string text = text_of(member(*error, "message")); !text.empty()) return one_line(text);
  }
  return body.empty() ? "it says nothing" : one_line(body);
}

}  // namespace tidewatch
