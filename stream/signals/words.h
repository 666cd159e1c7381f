#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/characters.h"

namespace tidewatch {

/// A word of a text: a run of letters and digits. A character of a script without spaces is a word of its own.
struct Word {
  std::string text;              ///< lower case
  Script script = Script::none;  ///< of its first letter; `none`: a number
  bool is_capitalised = false;   ///< begins with a capital letter
  bool starts_sentence = false;  ///< first of the text, of a line, or after . ! ? and the like
  bool is_number() const { return script == Script::none; }
};

/// Words in order. Apostrophes and hyphens part words; `,` and `.` between digits belong to the number and `,` is left
/// out (1,234.5 is 1234.5). `max_bytes` of the text are looked at.
std::vector<Word> words_of(std::string_view text, size_t max_bytes = 8192);

}  // namespace tidewatch
