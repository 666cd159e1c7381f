#include "stream/assemble/sampling.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

double hours(Duration duration) { return std::chrono::duration<double, std::ratio<3600>>(duration).count(); }

}  // namespace

size_t SamplingOptions::minimum() const { return static_cast<size_t>(std::ceil(minimum_per_hour * hours(period))); }

size_t SamplingOptions::budget() const {
  return std::max<size_t>(1, static_cast<size_t>(std::floor(budget_per_hour * hours(period))));
}

}  // namespace tidewatch
