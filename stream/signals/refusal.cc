#include "stream/signals/refusal.h"

#include <algorithm>
#include <string>

#include "stream/signals/sentences.h"

namespace tidewatch {
namespace {

// An answer that declines does so at once: a refusal that comes later speaks of a part.
constexpr ptrdiff_t kOpeningSentences = 3;
// A verdict on the question counts as declining only where the answer should have begun.
constexpr size_t kVerdictSentences = 2;

/// Whether a sentence goes on to answer all the same; one that declines may do so in its last clause.
bool offers_something(const Phrases& phrases, const std::string& sentence) {
  if (!phrases.says(sentence)) return phrases.offers(sentence);
  const size_t comma = sentence.find_last_of(",;:");
  if (comma == std::string::npos) return false;
  const std::string last_clause = sentence.substr(comma + 1);
  return !phrases.says(last_clause) && phrases.offers(last_clause);
}

}  // namespace

Refusal RefusalCheck::check(std::string_view answer) const { return check(own_sentences(answer)); }

Refusal RefusalCheck::check(const std::vector<std::string>& sentences) const {
  const auto declines = [&](const std::string& sentence) {
    const auto at = static_cast<size_t>(&sentence - sentences.data());
    return at < kVerdictSentences ? phrases_.opens(sentence) : phrases_.says(sentence);
  };
  const auto first = std::find_if(sentences.begin(), sentences.end(), declines);
  if (first == sentences.end()) return Refusal::none;
  if (first - sentences.begin() >= kOpeningSentences) return Refusal::partial;
  const bool offers = std::any_of(first, sentences.end(),
                                  [this](const std::string& sentence) { return offers_something(phrases_, sentence); });
  return offers ? Refusal::partial : Refusal::full;
}

bool HedgingCheck::check(std::string_view answer) const { return check(own_sentences(answer)); }

bool HedgingCheck::check(const std::vector<std::string>& sentences) const {
  return std::any_of(sentences.begin(), sentences.end(),
                     [this](const std::string& sentence) { return phrases_.says(sentence); });
}

}  // namespace tidewatch
