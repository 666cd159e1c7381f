#pragma once

#include "detectors/detect/tail.h"

namespace tidewatch {

/// What `trials` requests show when the true rate varies around `expected`: beta-binomial.
/// `latent_variance` is the variance of the true rate's logit (natural variation and uncertainty of the baseline).
struct RatePredictive {
  double expected = 0.5;  ///< in (0, 1)
  double latent_variance = 0;
  double trials = 0;  ///< may be fractional: Kish's effective size of a weighted sample
};

/// Mid-p tails of `successes` of the trials. Exact sums of the beta-binomial; where counts vary by hundreds, the beta
/// with the same mean and variance. Fractional successes are interpolated between the whole numbers around them.
Tail rate_tail(const RatePredictive& predictive, double successes);

/// Central 95 % of the observed rate; continuous approximation.
Interval rate_interval(const RatePredictive& predictive);

}  // namespace tidewatch
