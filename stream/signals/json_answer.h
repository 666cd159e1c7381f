#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace tidewatch {

enum class JsonForm : unsigned char {
  whole,      ///< a JSON value
  cut_off,    ///< begins as an object or array and is right as far as it goes, but ends before it is complete
  malformed,  ///< anything else: prose, broken JSON, JSON nested deeper than 128
};

/// What stands where JSON was asked for. A Markdown fence around the whole answer, as models like to add, does not
/// count; prose around it does. `value`, when given and the form is `whole`, receives the value.
JsonForm json_form(std::string_view answer, nlohmann::json* value = nullptr);

}  // namespace tidewatch
