#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "stream/evaluate/validators/registry.h"

namespace tidewatch {

/// Labels with the values that fit: exact ones, or a beginning and `*`. All labels must fit, of each one value.
using LabelPatterns = std::map<std::string, std::vector<std::string>>;

/// Whether a request has labels that fit. One that it does not have fits nothing.
bool applies_to(const LabelPatterns& where, const std::map<std::string, std::string>& labels);

/// A validator as a data team declares it:
/// `{name: no_promises, check: forbidden_phrases, phrases: [guaranteed returns], where: {endpoint: /invest/*}}`.
struct ValidatorRule {
  std::string name;
  std::string check;           ///< of registry.def
  ValidatorSettings settings;  ///< of the validator, as written
  LabelPatterns where;
};

/// Rules with their validators, made once. Safe to share between threads.
class RuleValidators {
 public:
  struct Said {
    const ValidatorRule* rule = nullptr;  ///< as long as the validators live
    Validation validation;
  };

  /// Errors: those of make_validator with "<name>." before the parameter's name; `bad_value` for two rules of one name.
  static Result<RuleValidators> make(std::vector<ValidatorRule> rules);
  /// What each rule that applies says, in their order; also that it is not applicable.
  std::vector<Said> check(const ReviewedRequest& request, const std::map<std::string, std::string>& labels) const;

 private:
  struct Made {
    ValidatorRule rule;
    std::unique_ptr<Validator> validator;
  };
  std::vector<Made> made_;
};

}  // namespace tidewatch
