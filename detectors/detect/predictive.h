#pragma once

#include "detectors/baseline/baseline.h"
#include "detectors/detect/count_tail.h"
#include "detectors/detect/tail.h"

namespace tidewatch {

// The one place where the kind of a measure chooses the law that scores it: rates beta-binomial, sums negative
// binomial, statistics of distributions Student-t, distinct counts log-normal (Student-t of the logarithm).

/// Where `seen` lies under what was predicted for a window of its size. Pre: prediction.known, seen not missing.
Tail predictive_tail(const Prediction& prediction, const Observation& seen);

/// Central 95 % of what a window of this size shows, in the measure's units. Pre: prediction.known.
Interval predictive_interval(const Prediction& prediction, const Observation& size_of);

/// The law of a sum's unit events. Pre: prediction.known, kind sum.
CountPredictive count_predictive(const Prediction& prediction);

/// The tail as a standard normal score: positive above what was expected. At most ±37.
double normal_score(const Tail& tail);

/// Central 95 % of the true value given this window alone, for display: rates by Jeffreys' prior, values by their
/// standard error, sums and distinct counts by theirs. NaN ends where nothing is known of the error.
Interval confidence_interval(const Observation& seen);

}  // namespace tidewatch
