#include "detectors/detect/novelty/rarity.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kBandwidths[] = {0.06, 0.2};  ///< standard deviations
constexpr double kBitsOfDistance = 1.5;        ///< by doubling of the distance to the nearest value
constexpr double kDecilesApart = 2.56;         ///< standard deviations between the first and the ninth decile

/// Robust standard deviation; of values that hardly ever change, what can be said instead.
double spread_of(const CentroidHistogram& past, double value, double magnitude) {
  const double resolution = 1e-9 * magnitude;
  if (const double spread = (past.quantile(0.9) - past.quantile(0.1)) / kDecilesApart; spread > resolution)
    return spread;
  if (const double spread = (past.most() - past.least()) / 10; spread > resolution) return spread;
  return 1e-3 * std::max({std::abs(value), 1e-6 * magnitude, 1e-200});
}

}  // namespace

double rarity(const CentroidHistogram& past, double value, double magnitude) {
  if (past.empty()) return 0;
  const double spread = spread_of(past, value, magnitude);
  double bits = 0;
  for (const double bandwidth : kBandwidths) {
    const double reach = bandwidth * spread;
    const double near = past.weight_within(value - reach, value + reach);
    bits -= std::log2((near + 1) / (past.weight() + 1));
    if (near <= 0) bits += kBitsOfDistance * std::log2(std::max(1.0, past.distance_to(value) / reach));
  }
  return std::max(bits / static_cast<double>(std::size(kBandwidths)), 0.0);
}

}  // namespace tidewatch
