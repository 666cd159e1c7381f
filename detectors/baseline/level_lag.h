#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// How far a level that is a weighted mean of the past lags behind a series that moves slowly on: the mean of its
/// recent errors, which is what smoothing a second time finds (Brown, Smoothing, Forecasting and Prediction of Discrete
/// Time Series, 1963, ch. 9). It is believed as far as it has improved forecasts so far (the slope of errors on it, by
/// regression, shrunk towards none), so that noise is not followed. Errors are given with their weights, by which
/// single extremes and incidents hardly count. Memory: 20 bytes.
class LevelLag {
 public:
  /// To add to the level, on its scale.
  double expected(double half_life) const { return share() * mean(half_life); }
  /// Of expected().
  double variance() const { return precision_ > 0 ? share() * share() / static_cast<double>(precision_) : 0.0; }

  /// `error` of the level, expected() not added; `noise`: variance of one such error, > 0; `weight` in [0, 1].
  void learn(double error, double noise, double weight, double half_life) {
    const double bound = kClip * std::sqrt(noise);
    const double bounded = std::clamp(error, -bound, bound);
    const double tells = weight / noise;
    const double before = mean(half_life);
    add(cross_, kPatience * half_life, tells * before * bounded);
    add(squares_, kPatience * half_life, tells * before * before);
    add(sum_, half_life, tells * bounded);
    add(precision_, half_life, tells);
    add(windows_, half_life, weight);
  }
  /// The level was moved to where the series is.
  void restart() { sum_ = precision_ = windows_ = 0; }
  /// The scale was stretched: all variances are multiplied by the square of `factor`.
  void rescale(double factor) {
    sum_ = static_cast<float>(static_cast<double>(sum_) / factor);
    precision_ = static_cast<float>(static_cast<double>(precision_) / (factor * factor));
  }

  void save(ByteWriter& out) const {
    for (const float value : {sum_, precision_, windows_, cross_, squares_}) out.put(value);
  }
  /// False when what was read is not one.
  bool load(ByteReader& in) {
    bool good = true;
    for (float* value : {&sum_, &precision_, &windows_, &cross_, &squares_}) {
      *value = in.get<float>();
      good = good && std::isfinite(*value);
    }
    return good && in.ok() && precision_ >= 0 && windows_ >= 0 && squares_ >= 0;
  }

 private:
  static constexpr double kClip = 4;           ///< standard deviations that a window may claim
  static constexpr double kPatience = 4;       ///< half-lives over which its worth is judged
  static constexpr double kPriorWindows = 20;  ///< with a lag of one standard deviation, that "it is of no worth" is

  double mean(double half_life) const {
    if (!(precision_ > 0)) return 0;
    return matured(half_life) * static_cast<double>(sum_) / static_cast<double>(precision_);
  }
  /// Of a lag: a young level is a plain mean, which moves by itself, and what it misses may be the beginning of an
  /// incident. 0.02 at two thirds of a half-life, 0.4 after two and a third, 0.85 after twice that.
  double matured(double half_life) const {
    const double of_all = std::min(1.0, static_cast<double>(windows_) * std::numbers::ln2 / half_life);
    return of_all * of_all * of_all * of_all;
  }
  double share() const {
    return std::clamp(static_cast<double>(cross_) / (static_cast<double>(squares_) + kPriorWindows), 0.0, 1.0);
  }
  static void add(float& sum, double half_life, double now) {
    sum = static_cast<float>(std::exp2(-1 / half_life) * static_cast<double>(sum) + now);
  }

  float sum_ = 0;        ///< of errors, by their precision
  float precision_ = 0;  ///< of their mean
  float windows_ = 0;
  float cross_ = 0;  ///< sums of standardised lag × error, and of its square
  float squares_ = 0;
};

}  // namespace tidewatch
