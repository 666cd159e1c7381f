#pragma once

#include <string>

namespace tidewatch {

/// The validators with their parameters as Markdown, a heading and a table for each: the generated part of
/// docs/validators.md.
std::string validator_reference();

}  // namespace tidewatch
