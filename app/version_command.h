#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch version`: of the program and of the Kafka library it runs with.
void register_version(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
