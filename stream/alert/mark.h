#pragma once

#include <optional>

#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// Why nobody is told of an alert that a person found to be false: as long as it does not get worse. Nothing: it was
/// not.
std::optional<v1::AlertSuppression> suppressed_by_mark(const v1::Alert& alert);

}  // namespace tidewatch
