#pragma once

#include <string>

#include "detectors/core/window.h"
#include "detectors/sketch/category_counts.h"
#include "detectors/sketch/real_quantiles.h"

namespace tidewatch {

/// The classes of a histogram whose borders are the same for every series and window, so that distributions of values
/// can be compared as compositions. A domain that is bounded on both sides has twenty equal classes; any other has the
/// borders 1, 1.5, 2, 3, 5, 7 times powers of ten, mirrored for negative values, and a class of its own for zero.

/// Its name, of its borders in the measure's units: "200 to 300", "0.95 to 1", "0", "-3 to -2". The lower border
/// belongs to the class, of negative values the upper one; the last class of a bounded domain has both. `value` is
/// finite; outside of the domain it counts as the nearest value in it.
std::string value_class(double value, const Domain& domain);

/// How much of a distribution falls into each class, by name. Values within the sketch's relative error of a border may
/// be counted on its other side: the same values always on the same side.
CategoryCounts value_classes(const RealQuantiles& values, const Domain& domain);

}  // namespace tidewatch
