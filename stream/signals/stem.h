#pragma once

#include <string_view>

#include "stream/signals/words.h"

namespace tidewatch {

/// The beginning of a word without the ending that inflection changes: a final s dropped from words of more than three
/// bytes, then the first 6 characters. Numbers whole. A view of `word.text`. Meets "director" and "directed", and now
/// and then words that only begin alike.
std::string_view stem_of(const Word& word);

}  // namespace tidewatch
