#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stream/signals/language.h"
#include "stream/signals/words.h"

namespace tidewatch {

/// A word that carries content, not grammar, as the hash of its stem.
struct ContentWord {
  uint64_t hash;
  bool is_specific;  ///< a number, or a name: capitalised within a sentence
};

/// Content words of a text in order, each occurrence: function words of `language` (of any, when empty) and words of
/// one or two bytes are left out; of scripts without spaces pairs of characters stand for words.
std::vector<ContentWord> content_words(const std::vector<Word>& words, std::string_view language,
                                       const Languages& languages);

}  // namespace tidewatch
