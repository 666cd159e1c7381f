#pragma once

#include <algorithm>
#include <vector>

#include "detectors/detect/detector.h"

namespace tidewatch {

/// The side that counts of each of several observations: the one asked for, else what is worse for it.
inline std::vector<Direction> asked_sides(const Context& context, size_t observations) {
  std::vector<Direction> out(observations, context.direction);
  for (size_t i = 0; i < std::min(observations, context.worse.size()); ++i)
    if (context.direction == Direction::either) out[i] = context.worse[i];
  return out;
}

}  // namespace tidewatch
