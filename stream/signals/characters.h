#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidewatch {

/// Writing systems that the checks tell apart. `other`: letters of any further one.
enum class Script : unsigned char { none, latin, cyrillic, greek, hebrew, arabic, thai, han, kana, hangul, other };

/// Reads the code point at `at` and moves `at` behind it. A byte that is no UTF-8 is one U+FFFD.
/// pre: at < text.size()
char32_t next_character(std::string_view text, size_t& at);

/// Number of Unicode code points; a byte that is no UTF-8 counts as one.
uint32_t count_characters(std::string_view text);

void append_character(std::string& text, char32_t character);  ///< as UTF-8

/// The script of a letter; `none` for digits, punctuation, symbols and white space.
Script script_of(char32_t character);
bool is_digit(char32_t character);           ///< ASCII and full-width
bool is_combining_mark(char32_t character);  ///< accents that follow their letter
/// Lower case of Latin, Greek and Cyrillic letters; others stay.
char32_t lower(char32_t character);
/// Whether words of the script are not set apart by spaces, so that a character is what counts as a word.
inline bool is_unspaced(Script script) {
  return script == Script::han || script == Script::kana || script == Script::thai;
}

}  // namespace tidewatch
