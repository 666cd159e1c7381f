#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stream/signals/language.h"
#include "stream/signals/words.h"

namespace tidewatch {

/// What a question is about: SimHash (Charikar, STOC 2002) of its different content words, without numbers. Other than
/// question_fingerprint(), order, inflection and function words do not count. Nothing for a text without such a word.
std::optional<uint64_t> content_fingerprint(const std::vector<Word>& words, std::string_view language,
                                            const Languages& languages);

/// The numbers that a question names, each one bit of 64 by its hash: sets without a common bit have no number in
/// common. 0: it names none.
uint64_t number_bits(const std::vector<Word>& words);

/// How hard a text is to read: LIX (Björnsson 1968), mean words of a sentence + percentage of words longer than six
/// letters. About 20 is easy, 40 a newspaper, 60 a law. Numbers are words. Nothing for a text without words, or with
/// more than a tenth of them in scripts without spaces, whose words it cannot count.
std::optional<double> readability_lix(const std::vector<Word>& words);

}  // namespace tidewatch
