#include "stream/signals/json_answer.h"

#include <nlohmann/json.hpp>

namespace tidewatch {
namespace {

using Json = nlohmann::json;

// Validators descend recursively: deeper nesting could exhaust the stack.
constexpr int kMaxDepth = 128;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view without_fence(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!text.starts_with("```")) return text;
  const size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return text;
  text.remove_prefix(line_end + 1);
  if (text.ends_with("```")) text.remove_suffix(3);
  return trimmed(text);
}

/// Counts depth and remembers where the text stopped being JSON.
class Watcher : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool key(string_t& /*value*/) override { return true; }
  bool start_object(size_t /*elements*/) override { return ++depth <= kMaxDepth; }
  bool end_object() override { return --depth >= 0; }
  bool start_array(size_t /*elements*/) override { return ++depth <= kMaxDepth; }
  bool end_array() override { return --depth >= 0; }
  bool parse_error(size_t position, const std::string& /*token*/, const Json::exception& /*error*/) override {
    error_position = position;
    return false;
  }

  int depth = 0;
  size_t error_position = 0;
};

}  // namespace

JsonForm json_form(std::string_view answer, nlohmann::json* value) {
  const std::string_view text = without_fence(answer);
  Watcher watcher;
  if (Json::sax_parse(text, &watcher)) {
    if (value != nullptr) *value = Json::parse(text);
    return JsonForm::whole;
  }
  const bool is_container = text.starts_with('{') || text.starts_with('[');
  const bool is_at_end = watcher.error_position > text.size();
  return is_container && is_at_end && watcher.depth <= kMaxDepth ? JsonForm::cut_off : JsonForm::malformed;
}

}  // namespace tidewatch
