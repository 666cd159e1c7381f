#include "detectors/decide/budget/forecast.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace tidewatch {
namespace {

constexpr uint32_t kLeastHours = 3;
constexpr double kPriorHours = 2;
constexpr double kQuantile = 1.6448536269514722;  // of the normal law at 95 %

/// How much of what moves a whole day may still come on one whose hours are known in part: half of its deviation.
constexpr double kOfPresentDay = 0.25;

/// What the profile expects of the rest.
struct Rest {
  double expected = 0;
  double later = 0;            ///< on days whose level is not known yet
  double squares_of_days = 0;  ///< of each day in it; of the present one in part
};

Rest expected_rest(Timestamp now, Timestamp end, const SpendProfile& profile, const BudgetClock& clock) {
  Rest out;
  double day = 0;
  unsigned weekday = 7;
  bool is_known = profile.is_seasonal();  // the present day, by what its hours said
  const auto close_day = [&] {
    if (day <= 0) return;
    const bool is_present = std::exchange(is_known, false);
    out.squares_of_days += (is_present ? kOfPresentDay : 1) * day * day;
    if (!is_present) out.later += day;
    day = 0;
  };
  for (Timestamp at = now; at < end;) {
    const Timestamp next = std::min(align_down(at, std::chrono::hours(1)) + std::chrono::hours(1), end);
    const SeasonSlot slot = clock.slot(at);
    if (slot.weekday != weekday) close_day();
    weekday = slot.weekday;
    const double part = to_seconds(next - at) / 3600 * profile.expected(slot);
    day += part;
    out.expected += part;
    at = next;
  }
  close_day();
  return out;
}

double normal_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

}  // namespace

std::optional<SpendForecast> forecast_spend(const SpendSoFar& so_far, const BudgetPeriod& period, double amount,
                                            const SpendProfile& profile, const BudgetClock& clock) {
  if (profile.hours() < kLeastHours || so_far.now >= period.end) return std::nullopt;
  SpendForecast out;
  out.is_seasonal = profile.is_seasonal();
  const Rest rest = expected_rest(so_far.now, period.end, profile, clock);
  const double hours_left = to_seconds(period.end - so_far.now) / 3600;
  const double prior = out.is_seasonal ? kPriorHours * rest.expected / hours_left : 0;
  const double weight = so_far.recent_expected + prior;
  if (weight <= 0 || rest.expected <= 0) return std::nullopt;
  const double ratio = (so_far.recent + prior) / weight;
  const double mean = ratio * rest.expected;
  // The ratio is of few days, each of which was moved as a whole.
  const double days_seen = std::max(1.0, weight / (rest.expected / hours_left) / 24);
  const double of_days = rest.squares_of_days + rest.later * rest.later / days_seen;
  const double variance = profile.dispersion() * ratio * rest.expected * (1 + rest.expected / weight) +
                          profile.day_variance() * ratio * ratio * of_days;
  out.total = so_far.spent + mean;
  out.low = out.high = out.total;
  const double left = amount - so_far.spent;
  out.overrun = left < mean ? 1 : 0;
  if (mean <= 0 || variance <= 0) return out;
  const double sigma = std::sqrt(std::log1p(variance / (mean * mean)));
  const double mu = std::log(mean) - sigma * sigma / 2;
  out.low = so_far.spent + std::exp(mu - kQuantile * sigma);
  out.high = so_far.spent + std::exp(mu + kQuantile * sigma);
  out.overrun = left <= 0 ? 1 : normal_tail((std::log(left) - mu) / sigma);
  return out;
}

}  // namespace tidewatch
