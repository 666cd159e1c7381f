#include "detectors/decide/time_to_limit.h"

#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

constexpr double kQuantile = 1.6448536269514722;  // of the normal law at 95 %
/// What is further away than this many times the time that it has moved for is no forecast.
constexpr double kFurthest = 10;

}  // namespace

std::optional<LimitAhead> limit_ahead(const Verdict& verdict, Duration moved_for, std::span<const double> limits) {
  const double moved = verdict.value - verdict.expected;
  if (!(std::abs(moved) > 0) || moved_for <= Duration::zero() || !(verdict.surprise > 1)) return std::nullopt;
  const double standard_errors = normal_score_of_upper(std::exp2(-verdict.surprise));
  std::optional<LimitAhead> out;
  for (const double limit : limits) {
    const double times = (limit - verdict.value) / moved;  // as far again as it has moved
    if (!(times > 0) || times > kFurthest) continue;
    const auto after = [&](double pace) {
      return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(to_seconds(moved_for) * times / pace));
    };
    LimitAhead ahead{limit, after(1), after(1 + kQuantile / standard_errors), std::nullopt};
    const double slowest = 1 - kQuantile / standard_errors;
    if (slowest > 0 && times / slowest <= kFurthest * kFurthest) ahead.latest = after(slowest);
    if (!out || ahead.in < out->in) out = ahead;
  }
  return out;
}

}  // namespace tidewatch
