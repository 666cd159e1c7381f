#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/evaluate/hallucination/terms.h"

namespace tidewatch {

/// The retrieved documents of one call, by sentence: where each term is, which terms are neighbours, and how much a
/// term weighs. Built once for all claims of an answer.
class ContextIndex {
 public:
  /// `max_bytes` of all documents together are looked at.
  ContextIndex(std::span<const std::string> documents, const Languages& languages, size_t max_bytes);

  size_t size() const { return sentences_.size(); }  ///< in sentences
  const std::string& sentence(size_t i) const { return sentences_[i]; }
  const std::vector<Word>& words(size_t i) const { return words_[i]; }
  const std::string& language() const { return language_; }  ///< of the documents; empty: could not be told

  /// The sentences that a term is in, ascending; names are looked for whole.
  std::span<const uint32_t> places(const Term& term) const;
  bool has(const Term& term) const { return !places(term).empty(); }
  /// 1 for a term that is there; for a word (not a name, not a number) in another form, the likeness of the nearest
  /// word that begins alike, by Dice's coefficient of pairs of characters, where it is at least 0.6; else 0.
  double likeness(const Term& term) const;
  /// Whether two terms follow one another somewhere, words that carry grammar alone left out.
  bool are_neighbours(const Term& first, const Term& second) const;

  /// Inverse frequency over these sentences and kOtherSentences more, in which nothing is known of the term: a word of
  /// every sentence weighs little, one that is missing weighs most. Above 0.
  double weight(const Term& term) const;

 private:
  static constexpr double kOtherSentences = 50;

  void add_sentence(const Languages& languages, uint32_t index);

  std::string language_;
  std::vector<std::string> sentences_;
  std::vector<std::vector<Word>> words_;
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> places_;  ///< by stem and by whole text
  absl::flat_hash_set<uint64_t> neighbours_;
  absl::flat_hash_map<char32_t, std::vector<std::string>> by_first_character_;  ///< distinct words
};

}  // namespace tidewatch
