#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "detectors/core/result.h"
#include "stream/evaluate/validators/registry.h"
#include "stream/evaluate/validators/validator.h"
#include "stream/signals/call_texts.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// A validator as the config asks for it.
struct ValidatorRule {
  std::string name;                          ///< of the evaluation: its measures are `pass_<name>` and `score_<name>`
  std::string check;                         ///< name in the registry
  ValidatorSettings settings;                ///< its parameters
  std::map<std::string, std::string> where;  ///< labels that the request must have; empty: every request
};

/// What the validators of a config say of requests. Pure; safe to share between threads.
class Reviewer {
 public:
  /// Errors: those of make_validator(), with the rule's name before.
  static Result<Reviewer> make(const std::vector<ValidatorRule>& rules);

  struct Finding {
    std::string name;   ///< of the rule
    std::string check;  ///< of the validator
    Validation validation;
  };
  /// In the order of the rules; those that are for other requests are left out.
  std::vector<Finding> review(const Labels& labels, const CallTexts& texts) const;

 private:
  struct Entry {
    ValidatorRule rule;
    std::unique_ptr<Validator> validator;
  };
  std::vector<Entry> entries_;
};

}  // namespace tidewatch
