#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/evaluate/hallucination/context_index.h"
#include "stream/evaluate/hallucination/contradictions.h"

namespace tidewatch {

/// What speaks against a claim, as numbers in [0, 1]. Words that the question said already are no news: what is looked
/// for is what the claim adds; all of it when it adds nothing. "The passage" is the pair of neighbouring sentences of
/// the documents that says most of claim and question. Words count by their weight (ContextIndex::weight).
struct ClaimEvidence {
  static constexpr std::array<std::string_view, 11> kNames{
      "missing",          // share of what it adds that is nowhere in the documents; other forms of a word count in part
      "missing_names",    // share of its added names that is not
      "missing_numbers",  // share of its added numbers, years and dates that is not
      "elsewhere",        // share of what it adds that is in the documents, but not in the passage
      "broken",           // share of its added neighbours that are not neighbours in the documents
      "off_question",     // how much less the passage has to do with the question than the best one
      "adds_nothing",     // the claim is made of words of the question only
      "denied",           // claim or passage denies something, the other does not
      "opposed",          // claim and passage use words that exclude each other
      "other_number",     // it has a number that the passage does not have, and the passage has others
      "no_passage",       // the documents share no word with it
  };
  std::array<double, kNames.size()> values{};
};

/// A claim with what was found for it.
struct ExaminedClaim {
  ClaimEvidence evidence;
  double weight = 0;                 ///< of what it adds, in all
  std::string passage;               ///< empty: none
  std::vector<std::string> missing;  ///< names, numbers and words that are not in the documents, as lower case
};

/// Nothing when the claim has no word with content. At most the first 64 terms of a claim are looked at.
/// `question`: terms of the question; empty: not recorded.
std::optional<ExaminedClaim> examine_claim(const std::string& claim, const std::vector<Term>& question,
                                           const ContextIndex& context, const Contradictions& contradictions,
                                           const Languages& languages);

}  // namespace tidewatch
