#pragma once

#include <memory>

#include "detectors/core/params.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

struct NumbersParams {
  uint32_t ignore_up_to = 1;
  double min_share = 1;
  bool allow_from_user = true;

  static constexpr auto table() {
    return params(field("ignore_up_to", &NumbersParams::ignore_up_to, range(0, 1000),
                        "whole numbers without a unit up to this one do not count: \"one of two ways\""),
                  field("min_share", &NumbersParams::min_share, range(0, 1),
                        "least share of the answer's numbers that must be found"),
                  field("allow_from_user", &NumbersParams::allow_from_user, any_value(),
                        "numbers that the user wrote count as found"));
  }
};

/// Whether the numbers of the answer are in what was retrieved (numerals_of, is_said_by): thousands, decimals,
/// percentages, dates and convertible units are compared by value, and a source may be rounded. Numbers that the model
/// worked out itself (sums, differences, ages) are not found. Ordinals of lists, citations, code, tables and addresses
/// do not count. The score is the share found. Not applicable without documents, results of tools or numbers.
class Numbers : public Validator {
 public:
  using Params = NumbersParams;
  static Result<std::unique_ptr<Validator>> make(const Params& params);
  explicit Numbers(const Params& params) : params_(params) {}
  Validation check(const ReviewedRequest& request) const override;

 private:
  Params params_;
};

}  // namespace tidewatch
