#pragma once

#include <functional>

#include "detectors/core/time.h"

namespace tidewatch {

/// Clocks and chance, given from outside so that tests need neither wait nor hope.
struct Surroundings {
  std::function<Duration()> monotonic;  ///< since whenever
  std::function<Timestamp()> wall;
  std::function<double()> random;  ///< uniform in [0, 1)
};

}  // namespace tidewatch
