#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch completion bash|zsh|fish`: a script that lets the shell complete commands, options and their values.
/// `root` outlives what is chosen: the script is made of it when the command runs.
void register_completion(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
