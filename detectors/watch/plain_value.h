#pragma once

#include "detectors/core/window.h"

namespace tidewatch {

/// A number of which nothing is known but what kind it is, as an observation: `distribution` any number, `sum` a count
/// of events of size one, `distinct` a count of different things. Not finite: missing.
Observation plain_value(MeasureKind kind, double value);

}  // namespace tidewatch
