#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/core/params.h"
#include "detectors/core/result.h"
#include "stream/evaluate/validators/validator.h"

namespace tidewatch {

/// A validator as config knows it.
struct ValidatorInfo {
  std::string name;
  std::string help;
  std::vector<ParamInfo> params;
};

/// Name and text of parameters, as config writes them; lists come as several settings of one name.
using ValidatorSettings = std::vector<std::pair<std::string, std::string>>;

/// In the order of registry.def.
const std::vector<ValidatorInfo>& describe_validators();

/// Errors: `unknown_validator` and `unknown_key` (with the nearest name), `bad_value` (beginning with the parameter's
/// name: out of range, not readable, or missing).
Result<std::unique_ptr<Validator>> make_validator(std::string_view name, const ValidatorSettings& settings);

/// Whether one parameter can have this value, whatever the others are. Errors as above.
Status check_setting(std::string_view validator, std::string_view name, std::string_view value);

}  // namespace tidewatch
