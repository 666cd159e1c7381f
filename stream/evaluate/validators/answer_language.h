#pragma once

#include <memory>
#include <string>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/language.h"

namespace tidewatch {

struct AnswerLanguageParams {
  std::string language;

  static constexpr auto table() {
    return params(field("language", &AnswerLanguageParams::language, any_value(),
                        "ISO 639-1 code the answer shall be in; when not written, that of the request, or else that of "
                        "the question"));
  }
};

/// Whether the answer is in the language that was asked for (Languages): the one of the config, the one that the
/// request names, or that of the question unless the question names a language or a translation. Code, tables and
/// addresses do not count. Not applicable where a language cannot be told: short or mixed texts, JSON, languages
/// without a profile.
class AnswerLanguage : public Validator {
 public:
  using Params = AnswerLanguageParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit AnswerLanguage(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  Languages languages_ = Languages::embedded();
};

}  // namespace tidewatch
