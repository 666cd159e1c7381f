#include "detectors/estimate/paired_change.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>

#include "detectors/core/check.h"

namespace tidewatch {

PairedChange paired_change(std::span<const double> before, std::span<const double> after, double tolerance) {
  TW_CHECK(before.size() == after.size(), "pairs");
  PairedChange out;
  for (size_t i = 0; i < before.size(); ++i) {
    const double change = after[i] - before[i];
    out.mean += change / static_cast<double>(before.size());
    ++(change > tolerance ? out.higher : change < -tolerance ? out.lower : out.same);
  }
  const size_t moved = out.higher + out.lower;
  if (moved == 0) return out;
  const boost::math::binomial_distribution<double> even(static_cast<double>(moved), 0.5);
  out.p_value = std::min(1.0, 2 * boost::math::cdf(even, static_cast<double>(std::min(out.higher, out.lower))));
  return out;
}

}  // namespace tidewatch
