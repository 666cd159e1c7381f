#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch tap TOPIC`: follows one of Tidewatch's topics readably until SIGINT or SIGTERM.
void register_tap(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
