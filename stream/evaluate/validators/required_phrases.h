#pragma once

#include <memory>
#include <string>
#include <vector>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/text_list.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct RequiredPhrasesParams {
  std::vector<std::string> phrases;
  bool any = false;
  bool case_sensitive = false;

  static constexpr auto table() {
    return params(
        field("phrases", &RequiredPhrasesParams::phrases, any_value(), "what the answer must say, as plain text"),
        field("any", &RequiredPhrasesParams::any, any_value(), "one of them is enough"),
        field("case_sensitive", &RequiredPhrasesParams::case_sensitive, any_value(), "Price is not price"));
  }
};

/// Whether the answer says phrases that it must say: a disclaimer, a name, a way to complain. Whole words, whatever the
/// white space and the form of apostrophes. The score is the share that it says; with `any`, none.
class RequiredPhrases : public Validator {
 public:
  using Params = RequiredPhrasesParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit RequiredPhrases(const Params& params);
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  std::vector<std::string> folded_;  ///< the phrases as they are compared
};

}  // namespace tidewatch
