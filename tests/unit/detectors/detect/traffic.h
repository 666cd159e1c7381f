#pragma once

#include <cmath>
#include <deque>
#include <functional>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "detectors/core/window.h"
#include "detectors/detect/detector.h"
#include "detectors/sketch/category_counts.h"

namespace tidewatch::testing {

inline constexpr Duration kFiveMinutes = std::chrono::minutes(5);
inline constexpr size_t kDay = 288;  ///< windows of five minutes

inline Observation rate(double successes, double trials) {
  return {
      .kind = MeasureKind::rate, .value = successes / trials, .n = trials, .successes = successes, .trials = trials};
}
inline Observation count(double events) {
  return {.kind = MeasureKind::sum, .value = events, .variance = events, .n = events, .events = events};
}
inline Observation mean(double value, double standard_error, double n = 300) {
  return {.kind = MeasureKind::distribution, .value = value, .variance = standard_error * standard_error, .n = n};
}
inline Observation nothing(MeasureKind kind) {
  return {.kind = kind, .value = std::numeric_limits<double>::quiet_NaN()};
}

/// Window number `index` of a series that starts on a Monday at midnight.
inline Window window_at(size_t index, std::span<const Observation> observations) {
  const auto hours = static_cast<unsigned>(index / 12);
  return {.start = Timestamp(std::chrono::days(19723)) + index * kFiveMinutes,
          .width = kFiveMinutes,
          .season = {.hour = hours % 24, .weekday = hours / 24 % 7},
          .observations = observations};
}

/// Draws what real windows would show. Own distributions on top of a fixed engine, so that every machine draws the
/// same.
class Traffic {
 public:
  explicit Traffic(uint64_t seed) : engine_(seed) {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1.0p-53; }
  double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }
  double poisson(double mean) {
    if (mean > 200) return std::max(0.0, std::round(mean + std::sqrt(mean) * normal()));
    double k = 0;
    for (double product = uniform(), limit = std::exp(-mean); product > limit; product *= uniform()) ++k;
    return k;
  }
  double binomial(double n, double p) {
    double k = 0;
    for (double i = 0; i < n; ++i) k += uniform() < p ? 1 : 0;
    return k;
  }

  /// A rate whose logit varies by `spread` between windows.
  Observation rate_window(double p, double n, double spread) {
    const double logit = std::log(p / (1 - p)) + spread * normal();
    return rate(binomial(n, 1 / (1 + std::exp(-logit))), n);
  }
  Observation count_window(double mean_count, double spread) {
    const double k = poisson(mean_count * std::exp(spread * normal() - spread * spread / 2));
    return k > 0 ? count(k) : nothing(MeasureKind::sum);
  }
  /// A mean or quantile of `n` values with relative standard deviation `cv`, whose true value varies by `spread`.
  Observation value_window(double level, double n, double cv, double spread) {
    const double true_value = level * std::exp(spread * normal());
    const double error = true_value * cv / std::sqrt(n);
    return mean(std::max(true_value + error * normal(), 1e-9), error, n);
  }
  Observation distinct_window(double mean_count, double spread) {
    const double k = poisson(mean_count * std::exp(spread * normal() - spread * spread / 2));
    return {.kind = MeasureKind::distinct, .value = k, .variance = 0, .n = k};
  }
  /// `n` draws from categories a, b, c, ... of these shares, each of whose logarithm varies by `spread`. The counts
  /// live as long as this.
  Observation composition_window(std::span<const double> shares, double n, double spread) {
    std::vector<double> varied;
    double sum = 0;
    for (const double share : shares) sum += varied.emplace_back(share * std::exp(spread * normal()));
    CategoryCounts& counts = compositions_.emplace_back();
    for (double i = 0; i < n; ++i) {
      double at = uniform() * sum;
      size_t k = 0;
      while (k + 1 < varied.size() && at >= varied[k]) at -= varied[k++];
      counts.add(std::string(1, static_cast<char>('a' + k)));
    }
    return {.kind = MeasureKind::composition,
            .value = static_cast<double>(counts.entries().size()),
            .n = n,
            .categories = &counts};
  }

 private:
  std::mt19937_64 engine_;
  std::deque<CategoryCounts> compositions_;
};

/// A day with its low at 4 and its high at 16 o'clock: `depth` 1 means 2.7 times as much at noon as at six.
inline double daily(size_t index, double depth) {
  return std::exp(depth * std::cos(2 * std::numbers::pi * (static_cast<double>(index % kDay) / kDay - 16.0 / 24)));
}

}  // namespace tidewatch::testing
