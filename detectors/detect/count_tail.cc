#include "detectors/detect/count_tail.h"

#include <algorithm>
#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

// With a gamma shape beyond this the mixture is a Poisson distribution to six digits.
constexpr double kPoissonFrom = 1e7;

/// Shape of the gamma whose logarithm has about this variance (trigamma expanded to second order).
double shape_of(double log_variance) { return 1.0 / std::max(log_variance, 1e-12) + 0.5; }

double at_least(double k, double mean, double shape) {
  if (!(k > 0)) return 1.0;
  return shape > kPoissonFrom ? gamma_lower(mean, k) : beta_lower(mean / (shape + mean), k, shape);
}

double at_most(double k, double mean, double shape) {
  if (k < 0) return 0.0;
  return shape > kPoissonFrom ? gamma_upper(mean, k + 1) : beta_lower(shape / (shape + mean), shape, k + 1);
}

}  // namespace

Tail count_tail(const CountPredictive& predictive, double count) {
  const double k = std::max(count, 0.0);
  const double mean = std::max(predictive.expected, 1e-12);
  const double shape = shape_of(predictive.latent_variance);
  return {0.5 * (at_most(k, mean, shape) + at_most(k - 1, mean, shape)),
          0.5 * (at_least(k, mean, shape) + at_least(k + 1, mean, shape))};
}

double probability_of_none(const CountPredictive& predictive) {
  const double shape = shape_of(predictive.latent_variance);
  return std::exp(-shape * std::log1p(std::max(predictive.expected, 0.0) / shape));
}

Interval count_interval(const CountPredictive& predictive) {
  const double mean = std::max(predictive.expected, 1e-12);
  const double relative = 1.0 / mean + 1.0 / shape_of(predictive.latent_variance);
  const double scale = mean * relative;
  // Counts stand for the half event around them (continuity correction): where few are expected, none is usual. The
  // gamma has no weight at none, where bursts put a lot of it.
  const double low = scale * gamma_quantile(0.025, 1.0 / relative) - 0.5;
  return {probability_of_none(predictive) > 0.025 ? 0.0 : std::max(0.0, low),
          scale * gamma_quantile(0.975, 1.0 / relative) + 0.5};
}

}  // namespace tidewatch
