#include "detectors/detect/value_tail.h"

#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {

Tail value_tail(const ValuePredictive& predictive, double seen) {
  const double t = (seen - predictive.location) / std::sqrt(predictive.variance);
  return {student_upper(-t, predictive.degrees_of_freedom), student_upper(t, predictive.degrees_of_freedom)};
}

Interval value_interval(const ValuePredictive& predictive) {
  const double reach = student_score_of_upper(0.025, predictive.degrees_of_freedom) * std::sqrt(predictive.variance);
  return {predictive.location - reach, predictive.location + reach};
}

}  // namespace tidewatch
