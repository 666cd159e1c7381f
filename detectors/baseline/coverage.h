#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// By what an interval of 95 % has to be stretched to hold what it says, learnt from how often it held so far: adaptive
/// conformal inference (Gibbs & Candès, NeurIPS 2021) on the logarithm of its width. Over any T windows the share
/// outside is within kMost / (kStep × T) of 5 %, whatever the series does, as long as the stretch is within its bounds.
/// It follows bursts within some ten windows. Memory: 4 bytes.
class Coverage {
 public:
  /// Of the standard deviation.
  double stretch() const { return std::exp(static_cast<double>(log_stretch_)); }
  void learn(bool is_outside) {
    const double now = static_cast<double>(log_stretch_) + kStep * ((is_outside ? 1 : 0) - kOutside);
    log_stretch_ = static_cast<float>(std::clamp(now, kLeast, kMost));
  }
  void save(ByteWriter& out) const { out.put(log_stretch_); }
  bool load(ByteReader& in) {
    log_stretch_ = in.get<float>();
    return in.ok() && log_stretch_ >= static_cast<float>(kLeast) && log_stretch_ <= static_cast<float>(kMost);
  }

 private:
  static constexpr double kOutside = 0.05;
  static constexpr double kStep = 0.1;
  static constexpr double kLeast = -0.4;
  static constexpr double kMost = 2.5;
  float log_stretch_ = 0;
};

}  // namespace tidewatch
