#pragma once

#include <CLI/CLI.hpp>

#include "app/command.h"

namespace tidewatch {

/// `tidewatch rollout`: how canaries and A/B tests stand, and what a person decides of them.
void register_rollout(CLI::App& root, Chosen& chosen);

}  // namespace tidewatch
