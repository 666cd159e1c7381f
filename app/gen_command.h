#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch gen`: labelled synthetic traffic as OTLP files.
void register_gen(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
