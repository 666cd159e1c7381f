#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch testset`: makes test sets, and exchanges them with others.
void register_testset(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
