#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/hallucination/grounded_check.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct GroundedAnswerParams {
  double min_support = 0.5;

  static constexpr auto table() {
    return params(field("min_support", &GroundedAnswerParams::min_support, range(0, 1),
                        "least support that the weakest claim of the answer must have"));
  }
};

/// Whether what the answer claims is in what was retrieved (GroundedCheck): the score is the support of its weakest claim.
/// By words alone: docs/hallucination.md says how far that carries. Not applicable without documents, or where nothing
/// is claimed.
class GroundedAnswer : public Validator {
 public:
  using Params = GroundedAnswerParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit GroundedAnswer(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
  GroundedCheck check_;
};

}  // namespace tidewatch
