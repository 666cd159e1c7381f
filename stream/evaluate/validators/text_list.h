#pragma once

#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/params.h"

// A parameter that is a list of texts (detectors/core/params.h): every setting of its name adds one. Its default is
// empty, and so is what is shown of it.
namespace tidewatch {

using TextList = std::vector<std::string>;

namespace params_detail {

template <>
inline std::string type_name<TextList>() {
  return "list";
}

template <>
inline std::string show<TextList>(const TextList& value) {
  return fmt::format("{}", fmt::join(value, ", "));
}

template <>
inline Status parse_into<TextList>(TextList& target, std::string_view name, std::string_view text, Range /*allowed*/) {
  if (text.empty()) return Error{"bad_value", fmt::format("{}: an empty text says nothing; remove it", name)};
  target.emplace_back(text);
  return ok_status();
}

}  // namespace params_detail
}  // namespace tidewatch
