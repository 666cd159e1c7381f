#pragma once

#include <algorithm>
#include <cmath>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// What is left of the windows just before: the part of a series' variation between windows that lasts, as an
/// autoregression of first order beside white variation and sampling noise, filtered (Kalman 1960; Harvey, Forecasting,
/// Structural Time Series Models and the Kalman Filter, 1989, ch. 4). Its persistence and its share of the variation
/// are learnt from the autocorrelations at one and two windows, which are share × persistence and share × persistence².
/// Variances that are passed in are on the baseline's scale; what is kept is in units of the variation between windows,
/// so that it outlasts a change of that. Memory: 32 bytes.
class Carry {
 public:
  /// What is expected of the part that lasts, in the window `ahead` windows after the last one learnt.
  struct Latent {
    double deviation = 0;    ///< to add to level and season
    double known_share = 0;  ///< [0, 1): share of the variation between windows that is known by now
  };
  /// `process`: variance between windows.
  Latent expect(double ahead, double process) const {
    const Memory memory = learnt();
    const double left = std::pow(memory.persistence, ahead);
    return {left * static_cast<double>(deviation_) * std::sqrt(process),
            left * left * static_cast<double>(known_) * memory.share};
  }

  /// Share of a deviation that is left after `ahead` windows.
  double left(double ahead) const { return std::pow(learnt().persistence, ahead); }

  /// `residual` from level and season; `noise`: variance of sampling. A window further than kBounded standard
  /// deviations from what was expected moves it as little as a noisier one would; what lasts is followed after a window
  /// or two. Pre: process > 0, noise >= 0.
  void learn(double residual, double process, double noise) {
    const Memory memory = learnt();
    const double seen = std::clamp(residual / std::sqrt(process), -kFurthest, kFurthest);
    const double decayed = memory.persistence * static_cast<double>(deviation_);
    const double unknown = memory.share * (1 - memory.persistence * memory.persistence * static_cast<double>(known_));
    const double rest = 1 - memory.share + noise / process;
    const double weight =
        std::min(1.0, kBounded * std::sqrt(unknown + rest) / std::max(std::abs(seen - decayed), kTiny));
    const double gain = unknown > 0 ? unknown / (unknown + rest / weight) : 0.0;
    deviation_ = static_cast<float>(decayed + gain * (seen - decayed));
    known_ = static_cast<float>(memory.share > 0 ? std::clamp(1 - (1 - gain) * unknown / memory.share, 0.0, 1.0) : 0.0);
    remember(std::clamp(residual / std::sqrt(process + noise), -kClip, kClip), noise / (process + noise));
  }
  /// A window without data.
  void pass() {
    const double persistence = learnt().persistence;
    deviation_ = static_cast<float>(persistence * static_cast<double>(deviation_));
    known_ = static_cast<float>(persistence * persistence * static_cast<double>(known_));
    before_last_ = last_;
    last_ = 0;
  }
  /// The level was moved to where the series is: nothing is left to carry.
  void restart() { deviation_ = known_ = last_ = before_last_ = 0; }

  void save(ByteWriter& out) const {
    for (const float value : {deviation_, known_, last_, before_last_, squares_, products_, far_products_, weight_})
      out.put(value);
  }
  bool load(ByteReader& in) {
    bool good = true;
    for (float* value :
         {&deviation_, &known_, &last_, &before_last_, &squares_, &products_, &far_products_, &weight_}) {
      *value = in.get<float>();
      good = good && std::isfinite(*value);
    }
    return good && in.ok() && known_ >= 0 && known_ <= 1 && weight_ >= 0;
  }

 private:
  static constexpr double kClip = 4;  ///< standard deviations that a window may claim
  static constexpr double kBounded = 3;
  static constexpr double kTiny = 1e-9;
  static constexpr double kFurthest = 1e6;     ///< standard deviations that are told apart
  static constexpr double kHalfLife = 2016;    ///< windows
  static constexpr double kPriorWindows = 50;  ///< that "nothing lasts" is worth
  static constexpr double kLeast = 0.05;       ///< autocorrelation that is worth carrying
  static constexpr double kMostPersistent = 0.995;

  struct Memory {
    double persistence = 0;  ///< by window
    double share = 0;        ///< of the variation between windows
  };
  Memory learnt() const {
    const double weight = static_cast<double>(weight_);
    if (!(weight > 0)) return {};
    // Windows of few events are mostly sampling noise: then little of the square is variation that could last.
    const double square = std::max(static_cast<double>(squares_) / weight, 0.05) * (weight + kPriorWindows);
    const double near = std::clamp(static_cast<double>(products_) / square, 0.0, 1.0);
    if (near < kLeast) return {};
    const double far = std::clamp(static_cast<double>(far_products_) / square, 0.0, 1.0);
    // It decays no faster than if all of it lasted.
    const double persistence = std::clamp(far / near, std::min(near, kMostPersistent), kMostPersistent);
    return {persistence, std::min(near / persistence, 1.0)};
  }
  void remember(double standardised, double noise_share) {
    const auto decay = static_cast<float>(std::exp2(-1 / kHalfLife));
    const auto now = static_cast<float>(standardised);
    weight_ = decay * weight_ + 1;
    squares_ = decay * squares_ + now * now - static_cast<float>(noise_share);
    products_ = decay * products_ + now * last_;
    far_products_ = decay * far_products_ + now * before_last_;
    before_last_ = last_;
    last_ = now;
  }

  float deviation_ = 0;  ///< of the last window, of the part that lasts
  float known_ = 0;      ///< 1 - (its variance) / (its variance if nothing were known)
  float last_ = 0;       ///< standardised residuals; 0 where there was none
  float before_last_ = 0;
  float squares_ = 0;       ///< sums of what they tell beyond sampling noise
  float products_ = 0;      ///< one window apart
  float far_products_ = 0;  ///< two windows apart
  float weight_ = 0;
};

}  // namespace tidewatch
