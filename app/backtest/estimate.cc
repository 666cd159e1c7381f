#include "app/backtest/estimate.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <limits>

namespace tidewatch {
namespace {

constexpr double kTail = 0.025;

}  // namespace

Estimate estimate_share(size_t part, size_t whole) {
  if (whole == 0) return {1, 0, 1};
  using Binomial = boost::math::binomial_distribution<>;
  const auto successes = static_cast<double>(part);
  const auto trials = static_cast<double>(whole);
  return {successes / trials, Binomial::find_lower_bound_on_p(trials, successes, kTail),
          Binomial::find_upper_bound_on_p(trials, successes, kTail)};
}

Estimate estimate_per_week(size_t events, Duration over) {
  if (over <= Duration::zero()) return {0, 0, std::numeric_limits<double>::infinity()};
  constexpr double kWeekSeconds = 7 * 86400;
  const double weeks = to_seconds(over) / kWeekSeconds;
  const auto count = static_cast<double>(events);
  const auto half_quantile = [](double degrees, double p) {
    return boost::math::quantile(boost::math::chi_squared(degrees), p) / 2;
  };
  return {count / weeks, events == 0 ? 0 : half_quantile(2 * count, kTail) / weeks,
          half_quantile(2 * count + 2, 1 - kTail) / weeks};
}

}  // namespace tidewatch
