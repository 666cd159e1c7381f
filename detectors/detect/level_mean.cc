#include "detectors/detect/level_mean.h"

#include <algorithm>
#include <cmath>

#include "detectors/detect/series.h"

namespace tidewatch {
namespace {

// Larger numbers would overflow when squared and added.
constexpr double kLargest = 1e100;

struct Weighted {
  double weight = 0;
  double value = 0;
  double variance = 0;  ///< of value
};

Weighted weighted(const Observation& seen) {
  switch (seen.kind) {
    case MeasureKind::rate:
      return {seen.trials, seen.value, 0};
    case MeasureKind::distribution:
      return {seen.n, seen.value, seen.variance};
    case MeasureKind::sum:  // that many events of equal size, arriving by chance
      return {1, seen.value, seen.events > 0 ? seen.value * seen.value / seen.events : 0};
    case MeasureKind::distinct:
      return {1, seen.value, seen.variance};
    case MeasureKind::composition:
      break;
  }
  return {};
}

bool is_good(const Weighted& of) {
  return of.weight > 0 && of.weight < kLargest && std::abs(of.value) < kLargest && of.variance >= 0 &&
         of.variance < kLargest;
}

}  // namespace

void LevelMean::add(const Observation& seen, double share) {
  if (!is_usable(seen) || !(share > 0)) return;
  const Weighted of = weighted(seen);
  if (!is_good(of)) return;
  const double counted = of.weight * std::min(share, 1.0);
  is_rate = seen.kind == MeasureKind::rate;
  weight += counted;
  sum += counted * of.value;
  variance += counted * counted * of.variance;
}

std::optional<LevelMean::Level> LevelMean::level() const {
  if (!(weight > 0)) return std::nullopt;
  Level out{sum / weight, weight, variance / (weight * weight)};
  if (is_rate) {
    // Half a success and half a failure more: a day without any failure is no day without chance (Jeffreys).
    const double share = (std::clamp(sum, 0.0, weight) + 0.5) / (weight + 1);
    out.variance = share * (1 - share) / weight;
  }
  if (!std::isfinite(out.value) || !std::isfinite(out.variance)) return std::nullopt;
  // A statistic that never varies: a rounding error of it is the least that is believed.
  out.variance = std::max(out.variance, 1e-12 * out.value * out.value + 1e-300);
  return out;
}

}  // namespace tidewatch
