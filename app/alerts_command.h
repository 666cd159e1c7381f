#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch alerts`: see what fires, acknowledge it, silence it.
void register_alerts(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
