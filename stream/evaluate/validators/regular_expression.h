#pragma once

#include <memory>
#include <string>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct RegularExpressionParams {
  std::string pattern;
  bool forbidden = false;
  bool whole = false;
  bool case_sensitive = true;

  static constexpr auto table() {
    return params(
        field("pattern", &RegularExpressionParams::pattern, any_value(), "the expression, in the syntax of RE2"),
        field("forbidden", &RegularExpressionParams::forbidden, any_value(), "the answer must not match"),
        field("whole", &RegularExpressionParams::whole, any_value(),
              "all of the answer must match, but for white space around it; else any part"),
        field("case_sensitive", &RegularExpressionParams::case_sensitive, any_value(), "A is not a"));
  }
};

/// Whether the answer matches an expression that it must, or must not, match. RE2: linear in the length of the answer,
/// whatever the expression.
class RegularExpression : public Validator {
 public:
  using Params = RegularExpressionParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit RegularExpression(const Params& params);  ///< pre: the pattern compiles
  ~RegularExpression() override;
  Validation check(const ReviewedRequest& request) const override;

 private:
  struct Compiled;
  Params params_;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace tidewatch
