#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch test`: unit tests of a config, written as data.
void register_test(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
