#pragma once

#include "detectors/detect/tail.h"

namespace tidewatch {

/// A mean, quantile or logarithm of a distinct count: Student-t around `location` on the baseline's scale.
struct ValuePredictive {
  double location = 0;
  double variance = 1;            ///< sampling + natural variation + uncertainty of the baseline
  double degrees_of_freedom = 3;  ///< of that variance: heavy tails while little is known
};

Tail value_tail(const ValuePredictive& predictive, double seen);
Interval value_interval(const ValuePredictive& predictive);  ///< central 95 %, on the scale

}  // namespace tidewatch
