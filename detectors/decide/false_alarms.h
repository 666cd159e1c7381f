#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/time.h"

namespace tidewatch {

/// How many false alarms people accept: `false_alarms: {per_week: 1, per_series: 100}`.
struct FalseAlarmBudget {
  double per_week = 1;
  double per_series = 100;  ///< series that share the budget
};

/// Surprise in bits that a window must exceed, so that windows without any change alert no more often than the budget:
/// p = per_week / (per_series × windows per week). Conservative where consecutive windows depend on each other.
inline double threshold_bits(const FalseAlarmBudget& budget, Duration window) {
  constexpr double kWeekSeconds = 7 * 86400;
  const double windows = kWeekSeconds / std::max(to_seconds(window), 1e-3);
  return std::max(0.0, std::log2(std::max(budget.per_series, 1.0) * windows / std::max(budget.per_week, 1e-9)));
}

}  // namespace tidewatch
