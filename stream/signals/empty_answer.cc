#include "stream/signals/empty_answer.h"

#include "stream/signals/characters.h"

namespace tidewatch {
namespace {

bool is_invisible(char32_t c) {
  return c <= 0x20 || c == 0x7F || c == 0xA0 || c == 0xAD || c == 0x115F || c == 0x3000 || c == 0xFEFF ||
         (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F);
}

std::string_view from_first_visible(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    if (!is_invisible(next_character(text, at))) return text.substr(from);
  }
  return {};
}

}  // namespace

bool is_empty_answer(std::string_view answer) {
  std::string_view rest = from_first_visible(answer);
  if (!rest.starts_with("```")) return rest.empty();
  const size_t line_end = rest.find('\n');  // ```json
  if (line_end == std::string_view::npos) return rest.find_first_not_of('`') == std::string_view::npos;
  rest = from_first_visible(rest.substr(line_end));
  return rest.empty() || (rest.starts_with("```") && from_first_visible(rest.substr(3)).empty());
}

}  // namespace tidewatch
