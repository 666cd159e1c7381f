#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch run`: the engine on Kafka.
void register_run(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
