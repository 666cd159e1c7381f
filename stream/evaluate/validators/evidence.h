#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidewatch {

/// A text with its personal data and secrets masked: `jane@corp.com` becomes `[email]`.
std::string masked(std::string_view text);

/// A piece of a text as explanations show it: masked, cut at about 60 characters, on one line, in quotes.
std::string shown(std::string_view text);

/// " and 2 more"; empty for none.
std::string and_more(size_t count);

}  // namespace tidewatch
