#include "detectors/detect/rate_tail.h"

#include <algorithm>
#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

// Above this standard deviation of the count, steps of one do not matter.
constexpr double kContinuousFrom = 100;

struct BetaShape {
  double a;
  double b;
  double concentration() const { return a + b; }
};

/// The beta whose logit has about the given variance (trigamma(a) + trigamma(b), expanded to second order).
BetaShape shape_of(double p, double logit_variance) {
  const double pq = p * (1 - p);
  const double concentration = (1.0 / std::max(logit_variance, 1e-9) + 0.5 * (1 - 2 * pq)) / pq;
  return {std::max(p * concentration, 1e-3), std::max((1 - p) * concentration, 1e-3)};
}

/// The beta with mean and variance of the beta-binomial's share of n.
BetaShape shape_of_share(BetaShape beta, double n) {
  const double spread = 1.0 / n + (1.0 - 1.0 / n) / (beta.concentration() + 1);
  const double concentration = std::max(1.0 / spread - 1.0, 1e-2);
  const double p = beta.a / beta.concentration();
  return {p * concentration, (1 - p) * concentration};
}

struct Law {
  BetaShape beta;
  double n;  ///< whole

  double log_probability(double k) const {
    const auto [a, b] = beta;
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1) + log_gamma(k + a) + log_gamma(n - k + b) -
           log_gamma(n + a + b) - log_gamma(a) - log_gamma(b) + log_gamma(a + b);
  }
  /// P(X > k) relative to P(X = k): the terms fall geometrically beyond the mode.
  double above(double k) const {
    double term = 1;
    double sum = 0;
    for (double i = k; i < n; ++i) {
      const double ratio = (n - i) * (beta.a + i) / ((i + 1) * (n - i - 1 + beta.b));
      term *= ratio;
      sum += term;
      if (term < 1e-16 * sum && ratio < 1) break;
    }
    return sum;
  }
  Law mirrored() const { return {{beta.b, beta.a}, n}; }
};

/// Mid-p upper tail of a whole k at or above the mean: P(X > k) + P(X = k) / 2.
double mid_upper(const Law& law, double k) { return std::exp(law.log_probability(k)) * (law.above(k) + 0.5); }

Tail whole_tail(const Law& law, double k) {
  const double mean = law.n * law.beta.a / law.beta.concentration();
  if (k >= mean) {
    const double upper = std::min(mid_upper(law, k), 1.0);
    return {1 - upper, upper};
  }
  const double lower = std::min(mid_upper(law.mirrored(), law.n - k), 1.0);
  return {lower, 1 - lower};
}

}  // namespace

Tail rate_tail(const RatePredictive& predictive, double successes) {
  const double n = std::max(1.0, std::round(predictive.trials));
  // The share is what was seen; effective trials are rounded to whole ones.
  const double k = std::clamp(successes / std::max(predictive.trials, 1e-9), 0.0, 1.0) * n;
  const BetaShape beta = shape_of(predictive.expected, predictive.latent_variance);
  const double p = predictive.expected;
  const double variance = n * p * (1 - p) * (1 + (n - 1) / (beta.concentration() + 1));
  if (variance > kContinuousFrom * kContinuousFrom) {
    const BetaShape share = shape_of_share(beta, n);
    return {beta_lower(k / n, share.a, share.b), beta_upper(k / n, share.a, share.b)};
  }
  const Law law{beta, n};
  const double below = std::floor(k + 1e-9);
  const double fraction = k - below;
  const Tail at = whole_tail(law, below);
  if (fraction < 1e-6) return at;
  const Tail next = whole_tail(law, std::min(below + 1, n));
  const auto between = [&](double x, double y) {
    return std::exp((1 - fraction) * std::log(x) + fraction * std::log(y));
  };
  return {between(std::max(at.lower, 1e-300), std::max(next.lower, 1e-300)),
          between(std::max(at.upper, 1e-300), std::max(next.upper, 1e-300))};
}

Interval rate_interval(const RatePredictive& predictive) {
  const BetaShape share = shape_of_share(shape_of(predictive.expected, predictive.latent_variance),
                                         std::max(predictive.trials, 1.0 + 1e-9));
  return {beta_quantile(0.025, share.a, share.b), beta_quantile(0.975, share.a, share.b)};
}

}  // namespace tidewatch
