#include "stream/evaluate/validators/secrets.h"

#include <algorithm>

#include "stream/evaluate/validators/evidence.h"
#include "stream/evaluate/validators/given_texts.h"

namespace tidewatch {

Result<std::unique_ptr<Validator>> Secrets::make(const Params& params) {
  return Result<std::unique_ptr<Validator>>(std::make_unique<Secrets>(params));
}

Validation Secrets::check(const ReviewedRequest& request) const {
  return worst_answer(request, [&](std::string_view answer) {
    const auto was_given = [&](std::string_view secret) {
      const auto texts = texts_of_user(request);
      return std::any_of(texts.begin(), texts.end(),
                         [&](std::string_view text) { return text.find(secret) != std::string_view::npos; });
    };
    size_t leaked = 0;
    std::string_view kind;
    for (const Secret& secret : scan_.find(answer)) {
      if (params_.allow_from_user && was_given(answer.substr(secret.begin, secret.size))) continue;
      if (leaked++ == 0) kind = secret.kind;
    }
    if (leaked == 0) return passed("has no credentials");
    return failed(fmt::format("has a credential: {}{}", kind, and_more(leaked - 1)));
  });
}

}  // namespace tidewatch
