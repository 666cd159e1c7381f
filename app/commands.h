#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// Every subcommand, in the order in which `tidewatch --help` lists them.
void register_commands(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
