#include "detectors/estimate/paired_comparison.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace tidewatch {
namespace {

constexpr double kPower = 0.8;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// How many standard errors lie between chance and what is found with kPower.
double power_quantile(double degrees_of_freedom) { return two_sided_quantile(2 * kPower - 1, degrees_of_freedom); }

/// Exact and conditional on the discordant items; those as likely as what was seen count half.
double mcnemar_mid_p(uint64_t only_first, uint64_t only_second) {
  const uint64_t discordant = only_first + only_second;
  if (discordant == 0) return 1;
  const boost::math::binomial half(static_cast<double>(discordant), 0.5);
  const auto fewer = static_cast<double>(std::min(only_first, only_second));
  const double tail = boost::math::cdf(half, fewer) - 0.5 * boost::math::pdf(half, fewer);
  return std::min(1.0, 2 * tail);
}

/// Solves d = (z √ψ + z' √(ψ − d²)) / √n.
double detectable_difference(double discordant, double items, double quantile) {
  double found = 0;
  for (int i = 0; i < 50; ++i) {
    const double scatter = std::sqrt(std::max(0.0, discordant - found * found));
    found = (quantile * std::sqrt(discordant) + power_quantile(kInfinity) * scatter) / std::sqrt(items);
  }
  return std::min(found, 1.0);
}

}  // namespace

Result<PairedDifference> compare_rates(const PairedOutcomes& outcomes, double confidence) {
  const auto items = static_cast<double>(outcomes.items());
  if (items == 0) return Error{"bad_estimate", "nothing to compare: no item was judged in both runs"};
  const auto only_first = static_cast<double>(outcomes.only_first);
  const auto only_second = static_cast<double>(outcomes.only_second);
  PairedDifference out;
  out.first = (static_cast<double>(outcomes.both) + only_first) / items;
  out.second = (static_cast<double>(outcomes.both) + only_second) / items;
  out.difference = (only_second - only_first) / items;
  const double quantile = two_sided_quantile(confidence, kInfinity);
  const double worse = (only_first + 1) / (items + 2);
  const double better = (only_second + 1) / (items + 2);
  const double middle = better - worse;
  const double half = quantile * std::sqrt((better + worse - middle * middle) / (items + 2));
  out.interval = {std::max(-1.0, middle - half), std::min(1.0, middle + half)};
  out.p_value = mcnemar_mid_p(outcomes.only_first, outcomes.only_second);
  out.detectable = detectable_difference(better + worse, items, quantile);
  return out;
}

Result<PairedDifference> compare_scores(std::span<const double> first, std::span<const double> second,
                                        double confidence) {
  if (first.size() != second.size() || first.size() < 2)
    return Error{"bad_estimate", "nothing to compare: fewer than two items have a score in both runs"};
  const auto items = static_cast<double>(first.size());
  PairedDifference out;
  for (size_t i = 0; i < first.size(); ++i) {
    if (!std::isfinite(first[i]) || !std::isfinite(second[i]))
      return Error{"bad_estimate", "a score that is not finite cannot be compared"};
    out.first += first[i] / items;
    out.second += second[i] / items;
  }
  out.difference = out.second - out.first;
  double squares = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    const double off = second[i] - first[i] - out.difference;
    squares += off * off;
  }
  const double error = std::sqrt(squares / (items - 1) / items);
  const double quantile = two_sided_quantile(confidence, items - 1);
  out.interval = {out.difference - quantile * error, out.difference + quantile * error};
  out.detectable = (quantile + power_quantile(items - 1)) * error;
  if (error > 0) {
    const boost::math::students_t t(items - 1);
    out.p_value = 2 * boost::math::cdf(boost::math::complement(t, std::abs(out.difference) / error));
  } else {
    out.p_value = out.difference == 0 ? 1 : 0;
  }
  return out;
}

}  // namespace tidewatch
