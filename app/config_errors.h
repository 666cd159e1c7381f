#pragma once

#include <vector>

#include "app/command.h"
#include "app/config/config.h"

namespace tidewatch {

/// Prints every error on a line of its own to stderr; what every command answers to a bad config.
Exit report(const std::vector<ConfigError>& errors);

}  // namespace tidewatch
