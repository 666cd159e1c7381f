#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// The level of a series on its scale, with its own uncertainty: a Kalman filter whose forgetting is a half-life.
/// Without noise of its own the level is the exponentially weighted mean; with few windows behind it the variance is
/// large and says so. Robustness comes from the weights that learn() is given (bounded influence).
class Level {
 public:
  bool started() const { return variance_ > 0; }
  double location() const { return location_; }
  double variance() const { return variance_; }  ///< of the level itself: about (noise variance) / (effective windows)

  void start(double location, double variance) {
    location_ = location;
    variance_ = std::max(variance, kTiny);
  }
  /// One window passes, with data or without: the level is known a little less. At most `ceiling` is forgotten.
  void forget(double half_life, double ceiling) {
    if (started()) variance_ = std::min(variance_ * std::exp2(1.0 / half_life), std::max(ceiling, variance_));
  }
  /// Share of a residual that belongs to the level when its other sources have variance `noise`. Pre: noise > 0.
  double gain(double noise) const { return variance_ / (variance_ + noise); }
  void move(double step, double gain_used) {
    location_ += step;
    variance_ = std::max(variance_ * (1.0 - gain_used), kTiny);
  }

  void save(ByteWriter& out) const {
    out.put(location_);
    out.put(variance_);
  }
  /// False when what was read is not a level.
  bool load(ByteReader& in) {
    location_ = in.get<double>();
    variance_ = in.get<double>();
    return in.ok() && std::isfinite(location_) && std::isfinite(variance_) && variance_ >= 0;
  }

 private:
  static constexpr double kTiny = 1e-12;
  double location_ = 0;
  double variance_ = 0;
};

}  // namespace tidewatch
