#include "detectors/sketch/weight.h"

#include <algorithm>

namespace tidewatch {
namespace {
constexpr double kMaxWhole = 2305843009213693952.0;  // 2^61: leaves a bit for the tag and one for the sign
constexpr double kMaxFraction = 1099511627776.0;     // 2^40: 20 bits of fraction stay below 2^61
}  // namespace

void put_weight(ByteWriter& out, double value) {
  // The lowest bit tells a whole number from a number of 2^-20ths.
  const double bounded = std::clamp(value, -kMaxWhole, kMaxWhole);
  if (bounded == std::trunc(bounded) || std::abs(bounded) >= kMaxFraction)
    out.put_signed(std::llround(bounded) * 2);
  else
    out.put_signed(std::llround(bounded / kWeightResolution) * 2 + 1);
}

double get_weight(ByteReader& in) {
  const int64_t raw = in.get_signed();
  const bool is_fraction = (raw & 1) != 0;
  const auto value = static_cast<double>(raw >> 1);
  return is_fraction ? value * kWeightResolution : value;
}

}  // namespace tidewatch
