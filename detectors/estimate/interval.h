#pragma once

#include "detectors/core/interval.h"

namespace tidewatch {

/// How many standard errors a two-sided interval of this confidence reaches to each side; Student's t, or the normal
/// distribution with infinite degrees of freedom. pre: confidence in (0, 1), degrees of freedom > 0
double two_sided_quantile(double confidence, double degrees_of_freedom);

/// Interval of a rate seen in `n` trials (any number above 0: an effective one), `quantile` standard errors to each
/// side (Wilson 1927): within [0, 1], of width above 0 even where all trials agree. A rate outside of [0, 1] is taken
/// to the nearest end.
Interval wilson(double rate, double n, double quantile);

}  // namespace tidewatch
