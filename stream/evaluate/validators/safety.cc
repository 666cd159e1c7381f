#include "stream/evaluate/validators/safety.h"

#include "stream/evaluate/validators/evidence.h"
#include "stream/signals/sentences.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> Safety::make(const Params& params) {
  if (!params.phrases.empty())
    if (const auto table = Phrases::parse(params.phrases, "phrases"); !table)
      return Error{"bad_value", "phrases: no phrase table: " + table.error().message};
  return Result<std::unique_ptr<Validator>>(std::make_unique<Safety>(params));
}

Safety::Safety(const Params& params)
    : has_toxicity_(params.toxicity && params.phrases.empty()),
      unsafe_(params.phrases.empty() ? Phrases::embedded("safety")
                                     : std::move(Phrases::parse(params.phrases, "phrases").value())),
      toxic_(Phrases::embedded("toxicity")) {}

Validation Safety::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    for (const auto& sentence : own_sentences(answer, answer.size())) {
      if (unsafe_.is_unsafe({sentence}, declining_)) return failed("unsafe: " + shown(sentence));
      if (has_toxicity_ && toxic_.is_unsafe({sentence}, declining_)) return failed("abusive: " + shown(sentence));
    }
    return passed("nothing of the lexicon is said");
  });
}

}  // namespace tidewatch
