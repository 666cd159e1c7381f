#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/hallucination/grounded_check.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct GroundedAnswerParams {
  double min_share = 0.5;

  static constexpr auto table() {
    return params(field("min_share", &GroundedAnswerParams::min_share, range(0, 1),
                        "least share of its claims, by their words, that must be borne out"));
  }
};

/// Whether what the answer claims is in what was retrieved (GroundedCheck): the score is the share of its claims that
/// are borne out, not the support of the weakest one, as answers have sentences that claim nothing ("Here is what
/// applies"). By words alone: docs/hallucination.md says how far that carries. Not applicable without documents, or
/// where nothing is claimed.
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
