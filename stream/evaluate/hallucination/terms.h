#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/language.h"

namespace tidewatch {

enum class TermKind : unsigned char {
  word,    ///< compared by its stem
  name,    ///< capitalised within a sentence: compared whole, as Kelly is not Kelli
  number,  ///< compared whole; years and dates are numbers, too
};

/// A word that carries content.
struct Term {
  std::string text;  ///< lower case; a pair of characters in scripts without spaces
  TermKind kind = TermKind::word;
  uint64_t key = 0;   ///< what is compared: of the stem or of the whole text
  uint64_t stem = 0;  ///< of the stem, whatever the kind
};

uint64_t term_key(std::string_view text);

/// The terms of a sentence in order, each occurrence. `language` (ISO 639-1) says which words carry grammar alone;
/// empty: those of any language. A number that stands for no amount ("1." of a list) is not told from others. A
/// capitalised first word is a name when the word after it is capitalised, too, or when it is the only one.
std::vector<Term> terms_of(const std::vector<Word>& words, const Languages& languages, std::string_view language);

}  // namespace tidewatch
