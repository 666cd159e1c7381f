#pragma once

#include <optional>

#include "detectors/core/window.h"

namespace tidewatch {

/// The mean level of a series over several windows: of rates by trials, of statistics of distributions by observations,
/// of sums and distinct counts by window. In the measure's own units, so a window's value and a day's compare.
struct LevelMean {
  /// Observations that are missing or out of range are left out. `share` in [0, 1]: how much of it counts.
  void add(const Observation& seen, double share);

  struct Level {
    double value = 0;
    double weight = 0;    ///< trials, observations or windows
    double variance = 0;  ///< sampling variance of `value`, > 0
  };
  /// Nothing when no window had data.
  std::optional<Level> level() const;

  double weight = 0;    ///< sum of weights
  double sum = 0;       ///< sum of weight times value
  double variance = 0;  ///< of `sum`, but for rates, whose law gives it
  bool is_rate = false;
};

}  // namespace tidewatch
