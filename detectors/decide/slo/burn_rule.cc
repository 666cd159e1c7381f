#include "detectors/decide/slo/burn_rule.h"

#include <algorithm>
#include <chrono>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr Duration kResolution = 5min;
constexpr double kMostBad = 0.75;

Duration scaled(Duration of_30_days, Duration period) {
  // By whole days, which do not overflow: periods are some of them.
  const Duration exact = of_30_days * (period / 24h) / 30;
  return std::max<Duration>(kResolution, (exact + kResolution / 2) / kResolution * kResolution);
}

}  // namespace

std::vector<BurnRule> default_burn_rules(Duration period, double objective) {
  std::vector<BurnRule> out = {{14.4, 1h, 5min, Severity::page},
                               {6, 6h, 30min, Severity::page},
                               {3, 24h, 2h, Severity::ticket},
                               {1, 72h, 6h, Severity::ticket}};
  for (BurnRule& rule : out) {
    rule.long_window = scaled(rule.long_window, period);
    rule.short_window = scaled(rule.short_window, period);
    rule.burn = std::min(rule.burn, kMostBad / (1 - objective));
  }
  return out;
}

}  // namespace tidewatch
