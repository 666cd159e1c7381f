#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch evaluate`: judges the texts of a sample of requests.
void register_evaluate(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
