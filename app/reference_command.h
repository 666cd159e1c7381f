#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch reference`: what a test set showed, as a file that production is compared with.
void register_reference(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
