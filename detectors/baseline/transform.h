#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/measure.h"

namespace tidewatch {

/// The scale on which a baseline adds level, season and noise: ratios are differences of logs, odds of logits.
enum class Scale : unsigned char { identity, log, logit };

/// Where a kind starts. A distribution that shows a value that is not positive moves to `identity` (Baseline::learn).
constexpr Scale initial_scale(MeasureKind kind) { return kind == MeasureKind::rate ? Scale::logit : Scale::log; }

inline constexpr double kMaxLogit = 30;  ///< keeps rates inside (1e-13, 1 - 1e-13)
inline constexpr double kMaxLog = 300;   ///< keeps exp() finite with room for products

inline double to_scale(Scale scale, double value) {
  switch (scale) {
    case Scale::logit:
      return std::clamp(std::log(value) - std::log1p(-value), -kMaxLogit, kMaxLogit);
    case Scale::log:
      return std::clamp(std::log(value), -kMaxLog, kMaxLog);
    case Scale::identity:
      break;
  }
  return value;
}

inline double from_scale(Scale scale, double location) {
  switch (scale) {
    case Scale::logit:
      return 1.0 / (1.0 + std::exp(-std::clamp(location, -kMaxLogit, kMaxLogit)));
    case Scale::log:
      return std::exp(std::clamp(location, -kMaxLog, kMaxLog));
    case Scale::identity:
      break;
  }
  return location;
}

}  // namespace tidewatch
