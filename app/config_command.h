#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch config docs|schema|show`: the keys as Markdown, the JSON Schema for editors, and the whole effective
/// config with the origin of every value.
void register_config(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
