#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/signals/words.h"

namespace tidewatch {

/// The longest run of words that a text has from another.
struct SharedPassage {
  size_t words = 0;    ///< of the longest run
  double covered = 0;  ///< share of the other's runs of `length` words that the text has, 0..1
};

/// Words of `text` that stand in `source` in the same order, one after the other, as runs of at least `length` words,
/// whatever their case and what stands between them. Runs that `innocent` has too do not count. Linear in the lengths.
SharedPassage shared_passage(const std::vector<Word>& text, const std::vector<Word>& source,
                             const std::vector<Word>& innocent, size_t length);

}  // namespace tidewatch
