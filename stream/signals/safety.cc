#include "stream/signals/safety.h"

#include <algorithm>

namespace tidewatch {

bool SafetyCheck::is_unsafe(const std::vector<std::string>& sentences, const Phrases& declining) const {
  return std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
    return lexicon_.says(sentence) && !declining.says(sentence) && !declining.opens(sentence) &&
           !declining.matches(PhraseKind::cautions, sentence);
  });
}

}  // namespace tidewatch
