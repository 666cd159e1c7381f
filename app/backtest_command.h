#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch backtest`: the stages over recorded files.
void register_backtest(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
