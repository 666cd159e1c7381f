#include "detectors/decide/rollout/normal_mixture.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tidewatch {
namespace {

/// Logarithm of exp(x²/2) Φ(x); far below zero by its asymptotic expansion (Abramowitz & Stegun 26.2.12), as Φ is no
/// longer told from 0 and the exponents cancel.
double log_scaled_below(double x) {
  constexpr double kFar = -12;
  if (x > kFar) return 0.5 * x * x + std::log(0.5 * std::erfc(-x / std::numbers::sqrt2));
  return -std::log(-x) - 0.5 * std::log(2 * std::numbers::pi) + std::log1p(-1 / (x * x));
}

}  // namespace

double log_evidence(double estimate, double variance, double prior_variance) {
  const double share = prior_variance / (variance + prior_variance);
  const double z = estimate / std::sqrt(variance);
  const double x = z * std::sqrt(share);
  return std::numbers::ln2 - 0.5 * std::log1p(prior_variance / variance) + log_scaled_below(x);
}

double best_prior_variance(double variance, double alpha) {
  const double twice = -2 * std::log(2 * alpha);
  return variance * std::max(1.0, twice + std::log(twice + 1));
}

}  // namespace tidewatch
