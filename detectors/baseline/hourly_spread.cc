#include "detectors/baseline/hourly_spread.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr unsigned kHours = 24;
// Variance of one squared standardised residual; 2 for normal ones, and real ones have heavier tails.
constexpr double kNoise = 4;
// What "hours do not differ" is worth, in hours.
constexpr double kPriorHours = 3;
// Of a ratio: a single window claims no more.
constexpr double kClip = 16;

}  // namespace

double HourlySpread::factor(unsigned hour) const {
  if (hours_.empty() || !(between_ > 0)) return 1;
  const Hour& known = hours_[std::min(hour, kHours - 1)];
  const auto weight = static_cast<double>(known.weight);
  if (!(weight > 0)) return 1;
  const auto between = static_cast<double>(between_);
  return std::exp(between / (between + kNoise / weight) * log_ratio(known));
}

/// Of an hour's variance to that of all, on the logarithm, where its error does not depend on it.
double HourlySpread::log_ratio(const Hour& hour) const {
  const double own = static_cast<double>(hour.sum) / static_cast<double>(hour.weight) / static_cast<double>(mean_);
  return std::log(std::clamp(own, 1 / kMost, kMost));
}

void HourlySpread::learn(unsigned hour, double ratio, double tells, double decay) {
  if (!(tells > 0)) return;
  if (hours_.empty()) hours_.resize(kHours);
  hour = std::min(hour, kHours - 1);
  Hour& known = hours_[hour];
  known.sum = static_cast<float>(decay * static_cast<double>(known.sum) + tells * std::clamp(ratio, -kClip, kClip));
  known.weight = static_cast<float>(decay * static_cast<double>(known.weight) + tells);
  if (hour != last_hour_) learn_between();
  last_hour_ = static_cast<unsigned char>(hour);
}

void HourlySpread::learn_between() {
  double sum = 0;
  double weight = 0;
  for (const Hour& hour : hours_) {
    sum += static_cast<double>(hour.sum);
    weight += static_cast<double>(hour.weight);
  }
  // The mean of all is about 1, since the spread on the whole was learnt from the same windows.
  mean_ = static_cast<float>(weight > 0 ? std::clamp(sum / weight, 0.1, 10.0) : 1.0);
  double beyond = 0;
  double hours = 0;
  for (const Hour& hour : hours_) {
    const auto own = static_cast<double>(hour.weight);
    if (!(own > 0)) continue;
    // An hour tells of the variance between hours as far as its own noise lets it.
    const double noise = kNoise / own;
    const double tells = 1 / ((1 + noise) * (1 + noise));
    const double difference = log_ratio(hour);
    beyond += tells * (difference * difference - noise);
    hours += tells;
  }
  between_ = static_cast<float>(std::max(beyond / (kPriorHours + hours), 0.0));
}

void HourlySpread::save(ByteWriter& out) const {
  out.put(static_cast<uint8_t>(hours_.size()));
  for (const Hour& hour : hours_) {
    out.put(hour.sum);
    out.put(hour.weight);
  }
  out.put(mean_);
  out.put(between_);
  out.put(static_cast<uint8_t>(last_hour_));
}

bool HourlySpread::load(ByteReader& in) {
  const auto size = in.get<uint8_t>();
  if (size != 0 && size != kHours) return false;
  hours_.assign(size, {});
  bool good = true;
  for (Hour& hour : hours_) {
    hour.sum = in.get<float>();
    hour.weight = in.get<float>();
    good = good && std::isfinite(hour.sum) && std::isfinite(hour.weight) && hour.weight >= 0;
  }
  mean_ = in.get<float>();
  between_ = in.get<float>();
  last_hour_ = in.get<uint8_t>();
  return good && in.ok() && std::isfinite(mean_) && mean_ > 0 && std::isfinite(between_) && between_ >= 0 &&
         last_hour_ <= kHours;
}

}  // namespace tidewatch
