#include "detectors/detect/cauchy_combination.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tidewatch {
namespace {

constexpr double kMostPValue = 0.99;
constexpr double kLeastPValue = 1e-300;

}  // namespace

double cauchy_score(double p_value) {
  // The cotangent of pπ, which keeps its digits where p is small.
  return 1 / std::tan(std::numbers::pi * std::clamp(p_value, kLeastPValue, kMostPValue));
}

double cauchy_combination(std::span<const double> p_values) {
  if (p_values.empty()) return 1;
  double sum = 0;
  for (const double p : p_values) sum += cauchy_score(p);
  const double mean = sum / static_cast<double>(p_values.size());
  return std::atan2(1.0, mean) / std::numbers::pi;
}

}  // namespace tidewatch
