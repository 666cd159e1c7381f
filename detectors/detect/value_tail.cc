#include "detectors/detect/value_tail.h"

#include <cmath>

#include "detectors/detect/special_functions.h"

namespace tidewatch {

Tail value_tail(const ValuePredictive& predictive, double seen) {
  const double t = (seen - predictive.location) / std::sqrt(predictive.variance);
  // Only the smaller tail can lose digits, so only it is computed: half of the time of a score.
  const double smaller = student_upper(std::abs(t), predictive.degrees_of_freedom);
  return t > 0 ? Tail{1 - smaller, smaller} : Tail{smaller, 1 - smaller};
}

Interval value_interval(const ValuePredictive& predictive) {
  const double reach = student_score_of_upper(0.025, predictive.degrees_of_freedom) * std::sqrt(predictive.variance);
  return {predictive.location - reach, predictive.location + reach};
}

}  // namespace tidewatch
