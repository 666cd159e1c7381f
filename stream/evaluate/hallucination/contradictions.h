#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/result.h"
#include "stream/signals/words.h"

namespace tidewatch {

/// Words that deny, and pairs of words that exclude each other (schemas/contradictions), of all languages with a table.
/// A cue only: nothing is known of what the words refer to.
class Contradictions {
 public:
  /// One table per pair (file name, content). Errors: `bad_contradictions`.
  static Result<Contradictions> parse(const std::vector<std::pair<std::string_view, std::string_view>>& files);
  static Contradictions embedded();

  bool denies(const std::vector<Word>& words) const;
  /// Whether one says the opposite of a word of the other and neither says both.
  bool are_opposed(const std::vector<Word>& claim, const std::vector<Word>& source) const;

 private:
  absl::flat_hash_set<uint64_t> negations_;
  absl::flat_hash_map<uint64_t, std::vector<uint64_t>> antonyms_;  ///< by stem, both ways
};

}  // namespace tidewatch
