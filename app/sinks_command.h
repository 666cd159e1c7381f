#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch sinks`: sends a test to whom the config tells of alerts.
void register_sinks(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
