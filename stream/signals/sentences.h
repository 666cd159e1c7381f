#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidewatch {

/// What an assistant says itself, sentence by sentence: fenced code, quoted passages and quoted lines (`> …`) are taken
/// out, apostrophes become `'`, white space becomes one space. Sentences end at . ! ? 。 ！ ？ and at line ends.
/// `max_bytes` of the text are looked at. Text need not be valid UTF-8.
std::vector<std::string> own_sentences(std::string_view text, size_t max_bytes = 8192);

}  // namespace tidewatch
