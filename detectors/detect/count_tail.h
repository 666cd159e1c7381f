#pragma once

#include "detectors/detect/tail.h"

namespace tidewatch {

/// Number of events in a window whose true mean varies around `expected`: negative binomial (Poisson-gamma).
struct CountPredictive {
  double expected = 1;         ///< events, > 0
  double latent_variance = 0;  ///< of the log of the true mean: natural variation and uncertainty of the baseline
};

/// Mid-p tails of `count` events. Sums of unequal parts (tokens, cost) pass effective counts, which may be fractional:
/// the incomplete beta function interpolates smoothly.
Tail count_tail(const CountPredictive& predictive, double count);

/// P(0 events).
double probability_of_none(const CountPredictive& predictive);

/// Central 95 % of the number of events; continuous approximation.
Interval count_interval(const CountPredictive& predictive);

}  // namespace tidewatch
