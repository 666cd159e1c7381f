#include "detectors/estimate/interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "detectors/core/check.h"

namespace tidewatch {

double two_sided_quantile(double confidence, double degrees_of_freedom) {
  TW_CHECK(confidence > 0 && confidence < 1, "confidence lies between 0 and 1");
  TW_CHECK(degrees_of_freedom > 0, "an interval needs degrees of freedom");
  const double tail = (1 - confidence) / 2;
  if (std::isinf(degrees_of_freedom)) return boost::math::quantile(complement(boost::math::normal(), tail));
  return boost::math::quantile(complement(boost::math::students_t(degrees_of_freedom), tail));
}

Interval wilson(double rate, double n, double quantile) {
  TW_CHECK(n > 0, "a rate needs trials");
  const double p = std::clamp(rate, 0.0, 1.0);
  const double q2 = quantile * quantile;
  const double middle = (p + q2 / (2 * n)) / (1 + q2 / n);
  const double half = quantile / (1 + q2 / n) * std::sqrt(p * (1 - p) / n + q2 / (4 * n * n));
  // At the ends the formula gives them exactly, the arithmetic does not.
  return {p > 0 ? std::max(0.0, middle - half) : 0.0, p < 1 ? std::min(1.0, middle + half) : 1.0};
}

}  // namespace tidewatch
