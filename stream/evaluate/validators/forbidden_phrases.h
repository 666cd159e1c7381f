#pragma once

#include <memory>
#include <string>
#include <vector>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/text_list.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct ForbiddenPhrasesParams {
  std::vector<std::string> phrases;
  bool case_sensitive = false;
  bool own_words = false;

  static constexpr auto table() {
    return params(
        field("phrases", &ForbiddenPhrasesParams::phrases, any_value(), "what the answer must not say, as plain text"),
        field("case_sensitive", &ForbiddenPhrasesParams::case_sensitive, any_value(), "Price is not price"),
        field("own_words", &ForbiddenPhrasesParams::own_words, any_value(),
              "quoted passages, quoted lines and fenced code do not count"));
  }
};

/// Whether the answer says phrases that it must not say: competitors, prices, promises. Whole words, whatever the white
/// space and the form of apostrophes.
class ForbiddenPhrases : public Validator {
 public:
  using Params = ForbiddenPhrasesParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit ForbiddenPhrases(const Params& params);
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  std::vector<std::string> folded_;  ///< the phrases as they are compared
};

}  // namespace tidewatch
