#include "stream/signals/refusal.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "stream/signals/sentences.h"

namespace tidewatch {
namespace {

// An answer that declines does so at once: a refusal that comes later speaks of a part.
constexpr size_t kOpeningSentences = 3;
// Openings and disclaimers count only where the answer should have begun.
constexpr size_t kFirstSentences = 2;
constexpr size_t kAnswerSentences = 4;  ///< a disclaimer is taken back within them

/// Whether a sentence goes on to answer all the same; one that declines may do so in its last clause.
bool offers_something(const Phrases& phrases, const std::string& sentence) {
  if (!phrases.says(sentence)) return phrases.matches(PhraseKind::offers, sentence);
  const size_t comma = sentence.find_last_of(",;:");
  if (comma == std::string::npos) return false;
  const std::string last_clause = sentence.substr(comma + 1);
  return !phrases.says(last_clause) && phrases.matches(PhraseKind::offers, last_clause);
}

struct Outright {
  RefusalReason::Kind kind;
  size_t sentence;
};

/// The first sentence that declines.
std::optional<Outright> first_that_declines(const Phrases& phrases, std::span<const std::string> sentences) {
  const auto is_taken_back = [&] {
    const auto end = sentences.begin() + static_cast<ptrdiff_t>(std::min(kAnswerSentences, sentences.size()));
    return std::any_of(sentences.begin(), end,
                       [&](const std::string& sentence) { return phrases.matches(PhraseKind::answers, sentence); });
  };
  for (size_t i = 0; i < sentences.size(); ++i) {
    if (phrases.says(sentences[i])) return Outright{RefusalReason::Kind::phrase, i};
    if (i >= kFirstSentences) continue;
    if (phrases.opens(sentences[i])) return Outright{RefusalReason::Kind::opening, i};
    if (phrases.disclaims(sentences[i]) && !is_taken_back()) return Outright{RefusalReason::Kind::disclaimer, i};
  }
  return std::nullopt;
}

}  // namespace

Refusal RefusalCheck::check(std::string_view answer, const std::string& question) const {
  return check(own_sentences(answer), question);
}

Refusal RefusalCheck::check(const std::vector<std::string>& sentences, const std::string& question) const {
  return explain(sentences, question).refusal;
}

RefusalReason RefusalCheck::explain(const std::vector<std::string>& sentences, const std::string& question) const {
  RefusalReason out;
  const auto answer = without_greetings(phrases_, sentences);
  const size_t begin = sentences.size() - answer.size();
  if (const auto outright = first_that_declines(phrases_, answer)) {
    out.kind = outright->kind;
    out.sentence = begin + outright->sentence;
  } else {
    out.manner = lecture_of(phrases_, answer, question);
    out.log_odds = weights_.log_odds(out.manner);
    if (out.log_odds <= 0) return out;
    add_answer(phrases_, answer, out.manner);
    out.log_odds = weights_.log_odds(out.manner);
    if (out.log_odds <= 0) return out;
  }
  const bool offers = std::any_of(sentences.begin() + static_cast<ptrdiff_t>(out.sentence), sentences.end(),
                                  [this](const std::string& sentence) { return offers_something(phrases_, sentence); });
  out.refusal = offers || out.sentence >= begin + kOpeningSentences ? Refusal::partial : Refusal::full;
  return out;
}

bool HedgingCheck::check(std::string_view answer) const { return check(own_sentences(answer)); }

bool HedgingCheck::check(const std::vector<std::string>& sentences) const {
  return std::any_of(sentences.begin(), sentences.end(),
                     [this](const std::string& sentence) { return phrases_.says(sentence); });
}

}  // namespace tidewatch
