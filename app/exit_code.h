#pragma once

#include "app/command.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// Prints `tidewatch: <message>` to the error output and gives the exit code that the error's code stands for.
Exit fail_with(const Error& error);

}  // namespace tidewatch
