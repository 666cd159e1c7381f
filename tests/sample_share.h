#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace tidewatch {

/// Share of its usual size that a test of many seeds or of generated traffic has: 1; under AddressSanitizer a
/// twentieth, as sanitizers look for other mistakes and take their time. TIDEWATCH_SAMPLE_SHARE overrides it. Claims
/// that need the usual sample are only made at 1; the code that they are about runs at any.
inline double sample_share() {
#ifdef __SANITIZE_ADDRESS__
  constexpr double kUsual = 0.05;
#else
  constexpr double kUsual = 1;
#endif
  const char* given = std::getenv("TIDEWATCH_SAMPLE_SHARE");
  return given != nullptr ? std::strtod(given, nullptr) : kUsual;
}
/// That share of a usual number, at least `least`.
inline size_t sampled(size_t usual, size_t least = 1) {
  return std::max(least, static_cast<size_t>(static_cast<double>(usual) * sample_share()));
}
inline bool is_full_sample() { return sample_share() >= 1; }

}  // namespace tidewatch
