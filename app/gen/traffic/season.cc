#include "app/gen/traffic/season.h"

#include <cmath>
#include <numbers>

namespace tidewatch::gen {
namespace {

constexpr double kDailySwing = 0.75;       // busiest against quietest hour: e^1.5 = 4.5 times
constexpr double kNormalisation = 1.1457;  // I0(0.75), the mean of exp(0.75 cos x) over a day
constexpr double kPersistence = 0.9;       // from step to step: forgotten after an hour
constexpr double kTrafficSigma = 0.05;
constexpr double kLatencySigma = 0.04;

}  // namespace

bool is_weekend(Timestamp at) {
  const std::chrono::weekday day(std::chrono::floor<std::chrono::days>(at));
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

double season(const Service& service, Timestamp at) {
  const double hour = to_seconds(at - std::chrono::floor<std::chrono::days>(at)) / 3600;
  const double daily =
      std::exp(kDailySwing * std::cos(2 * std::numbers::pi * (hour - service.peak_hour) / 24)) / kNormalisation;
  return daily * (is_weekend(at) ? service.weekend_traffic : 1);
}

void Weather::advance(Timestamp at) {
  if (until_ == kMinTimestamp) {
    until_ = align_down(at, kStep) + kStep;
    traffic_ = random_.normal();
    latency_ = random_.normal();
  }
  const double fresh = std::sqrt(1 - kPersistence * kPersistence);
  for (; until_ <= at; until_ += kStep) {
    traffic_ = kPersistence * traffic_ + fresh * random_.normal();
    latency_ = kPersistence * latency_ + fresh * random_.normal();
  }
}

double Weather::traffic() const { return std::exp(kTrafficSigma * traffic_); }
double Weather::latency() const { return std::exp(kLatencySigma * latency_); }

}  // namespace tidewatch::gen
