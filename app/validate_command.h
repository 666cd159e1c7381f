#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch validate --config F`: prints "F: valid", or everything that is wrong by file, line and column and exits
/// with bad_config.
void register_validate(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
