#include "detectors/detect/predictive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/core/special_functions.h"
#include "detectors/detect/count_tail.h"
#include "detectors/detect/rate_tail.h"
#include "detectors/detect/value_tail.h"

namespace tidewatch {
namespace {

/// Beta and gamma mixtures have no degrees of freedom: a variance known from few windows is widened instead, as the
/// variance of Student's t is.
double widened(const Prediction& prediction) {
  const double dof = std::max(prediction.degrees_of_freedom, 4.0);
  return prediction.process_variance * dof / (dof - 2) + prediction.level_variance;
}

RatePredictive rate_of(const Prediction& prediction, const Observation& size_of) {
  return {prediction.expected, widened(prediction), std::max(size_of.trials, 1.0)};
}
ValuePredictive value_of(const Prediction& prediction) {
  return {prediction.location, prediction.total_variance(), prediction.degrees_of_freedom};
}

}  // namespace

CountPredictive count_predictive(const Prediction& prediction) { return {prediction.information, widened(prediction)}; }

Tail predictive_tail(const Prediction& prediction, const Observation& seen) {
  switch (prediction.kind) {
    case MeasureKind::rate:
      return rate_tail(rate_of(prediction, seen), seen.successes);
    case MeasureKind::sum:
      return count_tail(count_predictive(prediction), seen.value / prediction.unit_size);
    case MeasureKind::distribution:
    case MeasureKind::distinct:
    case MeasureKind::composition:
      break;
  }
  const double seen_value = prediction.scale == Scale::log ? std::max(seen.value, 1e-100) : seen.value;
  return value_tail(value_of(prediction), to_scale(prediction.scale, seen_value));
}

Interval predictive_interval(const Prediction& prediction, const Observation& size_of) {
  switch (prediction.kind) {
    case MeasureKind::rate:
      return rate_interval(rate_of(prediction, size_of));
    case MeasureKind::sum: {
      const Interval events = count_interval(count_predictive(prediction));
      return {events.low * prediction.unit_size, events.high * prediction.unit_size};
    }
    case MeasureKind::distribution:
    case MeasureKind::distinct:
    case MeasureKind::composition:
      break;
  }
  const Interval on_scale = value_interval(value_of(prediction));
  return {from_scale(prediction.scale, on_scale.low), from_scale(prediction.scale, on_scale.high)};
}

double normal_score(const Tail& tail) {
  return tail.upper < tail.lower ? normal_score_of_upper(std::max(tail.upper, 1e-300))
                                 : -normal_score_of_upper(std::max(tail.lower, 1e-300));
}

Interval confidence_interval(const Observation& seen) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (seen.missing()) return {nan, nan};
  if (seen.kind == MeasureKind::rate) {
    const double failures = std::max(seen.trials - seen.successes, 0.0);
    return {seen.successes > 0 ? beta_quantile(0.025, seen.successes + 0.5, failures + 0.5) : 0.0,
            failures > 0 ? beta_quantile(0.975, seen.successes + 0.5, failures + 0.5) : 1.0};
  }
  if (!(seen.variance > 0)) return {nan, nan};
  const double reach = 1.959964 * std::sqrt(seen.variance);
  if (seen.kind == MeasureKind::distribution) return {seen.value - reach, seen.value + reach};
  return {std::max(0.0, seen.value - reach), seen.value + reach};
}

}  // namespace tidewatch
