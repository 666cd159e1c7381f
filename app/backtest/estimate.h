#pragma once

#include <cstddef>

#include "detectors/core/time.h"

namespace tidewatch {

/// A figure from few events, with its 95 % interval: what so few can tell.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// `part` of `whole`, by Clopper & Pearson (1934). Of nothing: 1, from 0 to 1.
Estimate estimate_share(size_t part, size_t whole);

/// Events a week, by Garwood (1936). Over no time: 0, from 0 to infinity.
Estimate estimate_per_week(size_t events, Duration over);

}  // namespace tidewatch
