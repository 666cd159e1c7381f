#include "stream/evaluate/validators/required_phrases.h"

#include "stream/evaluate/scan/phrase_finder.h"
#include "stream/evaluate/validators/evidence.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> RequiredPhrases::make(const Params& params) {
  if (params.phrases.empty()) return Error{"bad_value", "phrases: needs at least one phrase"};
  return Result<std::unique_ptr<Validator>>(std::make_unique<RequiredPhrases>(params));
}

RequiredPhrases::RequiredPhrases(const Params& params) : params_(params) {
  for (const auto& phrase : params.phrases) folded_.push_back(folded(phrase, params.case_sensitive));
}

Validation RequiredPhrases::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    if (answer.empty() && !request.tool_calls.empty()) return not_applicable("the answer only calls tools");
    const std::string text = folded(answer, params_.case_sensitive);
    size_t missing = 0;
    std::string first;
    for (size_t i = 0; i < folded_.size(); ++i) {
      if (contains_phrase(text, folded_[i])) continue;
      if (missing++ == 0) first = params_.phrases[i];
    }
    if (params_.any)
      return missing < folded_.size() ? passed("says one of the phrases") : failed("says none of the phrases");
    const double share = 1 - static_cast<double>(missing) / static_cast<double>(folded_.size());
    if (missing == 0) return passed("says all phrases", share);
    return failed(fmt::format("does not say {}{}", shown(first), and_more(missing - 1)), share);
  });
}

}  // namespace tidewatch
