#pragma once

#include <string>

namespace tidewatch {

/// The built-in measures by class, as tables in Markdown: the middle of docs/measures.md.
std::string measure_reference();

}  // namespace tidewatch
