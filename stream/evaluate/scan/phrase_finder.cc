#include "stream/evaluate/scan/phrase_finder.h"

#include "stream/signals/characters.h"

namespace tidewatch {
namespace {

char32_t plain(char32_t character) {
  switch (character) {
    case 0x2018:  // ‘
    case 0x2019:  // ’
    case 0x02BC:  // ʼ
    case 0x00B4:  // ´
      return '\'';
    case 0x201C:  // “
    case 0x201D:  // ”
    case 0x201E:  // „
      return '"';
    default:
      return character;
  }
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
         c == 0x3000;
}

bool is_of_word(char32_t c) {
  const Script script = script_of(c);
  return is_digit(c) || is_combining_mark(c) || (script != Script::none && !is_unspaced(script));
}

char32_t first_of(std::string_view text) {
  size_t at = 0;
  return next_character(text, at);
}

char32_t last_of(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return next_character(text, at);
}

bool is_inside_word(std::string_view before, std::string_view after) {
  return !before.empty() && !after.empty() && is_of_word(last_of(before)) && is_of_word(first_of(after));
}

}  // namespace

std::string folded(std::string_view text, bool keeps_case) {
  std::string out;
  out.reserve(text.size());
  bool is_gap = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = plain(next_character(text, at));
    if (is_space(c)) {
      is_gap = !out.empty();
      continue;
    }
    if (is_gap) out.push_back(' ');
    is_gap = false;
    append_character(out, keeps_case ? c : lower(c));
  }
  return out;
}

bool contains_phrase(std::string_view text, std::string_view phrase) {
  if (phrase.empty()) return false;
  for (size_t at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1))
    if (!is_inside_word(text.substr(0, at), phrase) && !is_inside_word(phrase, text.substr(at + phrase.size())))
      return true;
  return false;
}

}  // namespace tidewatch
