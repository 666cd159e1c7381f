#include "detectors/sketch/bottom_k.h"

#include <xxhash.h>

namespace tidewatch {

double sampling_rank(std::string_view id, uint64_t salt) {
  constexpr double kSteps = 1.0 / (uint64_t{1} << 52);
  return (static_cast<double>(XXH3_64bits_withSeed(id.data(), id.size(), salt) >> 12) + 0.5) * kSteps;
}

}  // namespace tidewatch
