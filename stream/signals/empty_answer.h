#pragma once

#include <string_view>

namespace tidewatch {

/// Whether an answer holds nothing to read: only white space, invisible characters or an empty Markdown fence.
bool is_empty_answer(std::string_view answer);

}  // namespace tidewatch
