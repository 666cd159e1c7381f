#include "stream/evaluate/validators/forbidden_phrases.h"

#include "stream/evaluate/scan/phrase_finder.h"
#include "stream/evaluate/validators/evidence.h"
#include "stream/signals/sentences.h"

namespace tidewatch {
namespace {

std::string own_words_of(std::string_view answer) {
  std::string out;
  for (const auto& sentence : own_sentences(answer, answer.size())) out += sentence + '\n';
  return out;
}

}  // namespace

Result<std::unique_ptr<Validator>> ForbiddenPhrases::make(const Params& params) {
  if (params.phrases.empty()) return Error{"bad_value", "phrases: needs at least one phrase"};
  return Result<std::unique_ptr<Validator>>(std::make_unique<ForbiddenPhrases>(params));
}

ForbiddenPhrases::ForbiddenPhrases(const Params& params) : params_(params) {
  for (const auto& phrase : params.phrases) folded_.push_back(folded(phrase, params.case_sensitive));
}

Validation ForbiddenPhrases::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    const std::string text = params_.own_words ? folded(own_words_of(answer), params_.case_sensitive)
                                               : folded(answer, params_.case_sensitive);
    size_t found = 0;
    std::string first;
    for (size_t i = 0; i < folded_.size(); ++i) {
      if (!contains_phrase(text, folded_[i])) continue;
      if (found++ == 0) first = params_.phrases[i];
    }
    if (found == 0) return passed("says none of the phrases");
    return failed(fmt::format("says {}{}", shown(first), and_more(found - 1)));
  });
}

}  // namespace tidewatch
