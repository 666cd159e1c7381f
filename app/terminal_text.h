#pragma once

#include <string>
#include <string_view>

namespace tidewatch {

/// `text` as it may be printed on one line of a terminal: control characters, which others may have put into names and
/// could move the cursor or start a new line, are shown as `?`.
std::string one_line(std::string_view text);

}  // namespace tidewatch
