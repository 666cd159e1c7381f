#pragma once

#include <memory>
#include <string>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/safety.h"

namespace tidewatch {

struct SafetyParams {
  std::string phrases;
  bool toxicity = true;

  static constexpr auto table() {
    return params(field("phrases", &SafetyParams::phrases, any_value(),
                        "phrase table in place of the built-in ones, as in `${file:phrases.yaml}`"),
                  field("toxicity", &SafetyParams::toxicity, any_value(),
                        "insults and hate against whoever reads count too; only of the built-in tables"));
  }
};

/// Whether the answer has a sentence that matches a lexicon of unsafe or abusive phrases and does not decline
/// (SafetyCheck; schemas/phrases/safety.yaml, toxicity.yaml). A trip-wire, not a classifier: it finds what is said
/// outright. Unlike the signal `unsafe`, it reads all of the answer.
class Safety : public Validator {
 public:
  using Params = SafetyParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Safety(const Params& params);  ///< pre: Phrases::parse takes the table, if there is one
  Validation check(const ReviewedRequest& request) const override;

 private:
  bool has_toxicity_;
  SafetyCheck unsafe_;
  SafetyCheck toxic_;
  Phrases declining_ = Phrases::embedded("refusal");
};

}  // namespace tidewatch
