#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/evaluate/hallucination/contradictions.h"
#include "stream/signals/language.h"

namespace tidewatch {

/// How far answers to the same question, sampled from the model again, agree.
struct SelfConsistency {
  double agreement = 0;           ///< share of the pairs of answers that say the same, 0..1
  double entropy = 0;             ///< over the groups, in bits: 0 when all say the same, log2(k) when no two do
  std::vector<size_t> group;      ///< of each answer; numbered in order of first answer
  double agreement_of_first = 0;  ///< share of the other answers that say what the first does
};

/// A model that knows says the same each time; one that invents, something else (SelfCheckGPT, Manakul et al., EMNLP
/// 2023; semantic entropy, Farquhar et al., Nature 630, 2024). There a model decides whether two answers say the same.
/// Here words do, without one: two answers say the same when, without what the question said already,
///  - neither has a number that the other lacks where both have numbers,
///  - not just one of them denies, and they use no words that exclude each other,
///  - and they share half of their content words (Dice), or the shorter's are, to four fifths, all in the longer.
/// Groups are the connected ones. It carries for short factual answers (names, numbers, choices). It does not see that
/// different words say the same (long answers then seem to disagree), nor that a model repeats the same error:
/// agreement is no proof. Code and answers in different languages are not for it. Errors: `bad_samples` for fewer than
/// two answers.
Result<SelfConsistency> self_consistency(const std::vector<std::string>& answers, const std::string& question,
                                         const Languages& languages, const Contradictions& contradictions);

}  // namespace tidewatch
