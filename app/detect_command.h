#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch detect`: a detector over a plain series, CSV in and CSV out.
void register_detect(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
