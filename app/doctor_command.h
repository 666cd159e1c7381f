#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch doctor`: whether the brokers, the topics and what arrives on them are as Tidewatch needs them; `--fix`
/// creates what is missing.
void register_doctor(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
