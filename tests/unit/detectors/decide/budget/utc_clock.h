#pragma once

#include "detectors/decide/budget/budget_clock.h"

namespace tidewatch {

/// Days of UTC, or months of 30 of them; the epoch was a Thursday.
class UtcClock final : public BudgetClock {
 public:
  explicit UtcClock(int days = 1) : days_(days) {}
  SeasonSlot slot(Timestamp time) const override {
    const auto hours = std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
    return {static_cast<unsigned>(hours % 24), static_cast<unsigned>((hours / 24 + 3) % 7), false};
  }
  BudgetPeriod period(Timestamp time) const override {
    const Duration length = std::chrono::hours(24 * days_);
    return {align_down(time, length), align_down(time, length) + length};
  }

 private:
  int days_;
};

/// Hours after a moment at which days and months of UtcClock begin.
inline Timestamp hour(double hours) {
  constexpr auto kStart = std::chrono::hours(24 * 30 * 600);
  return Timestamp(kStart) +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>(hours));
}

}  // namespace tidewatch
