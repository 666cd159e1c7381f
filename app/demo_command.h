#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch demo`
void register_demo(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
