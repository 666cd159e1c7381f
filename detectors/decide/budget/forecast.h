#pragma once

#include <optional>

#include "detectors/core/time.h"
#include "detectors/decide/budget/budget_clock.h"
#include "detectors/decide/budget/spend_profile.h"

namespace tidewatch {

/// What a period will have cost when it ends.
struct SpendForecast {
  double total = 0;
  double low = 0;  ///< central 90 %
  double high = 0;
  double overrun = 0;        ///< probability that it is more than the amount
  bool is_seasonal = false;  ///< by hour of the week; else as if all hours were alike
};

/// What was seen so far.
struct SpendSoFar {
  double spent = 0;            ///< in the period
  double recent = 0;           ///< lately, forgotten exponentially
  double recent_expected = 0;  ///< what the profile expected of the same hours
  Timestamp now{};
};

/// What is left of the period costs what the profile says of its hours, times how the latest hours compare with what it
/// said of them (drawn towards 1 by the weight of two hours where the profile knows the hours of the day). The variance
/// is that of an over-dispersed Poisson law for what is to come and for that ratio, as in reserves by chain ladder
/// (Renshaw & Verrall, British Actuarial Journal 4, 1998), plus that of whole days: of those to come, of the ratio,
/// which is of few of them, and a quarter of the present one's, whose hours tell its level; the interval is of a
/// log-normal law with that mean and variance. Absent before three hours were learnt.
std::optional<SpendForecast> forecast_spend(const SpendSoFar& so_far, const BudgetPeriod& period, double amount,
                                            const SpendProfile& profile, const BudgetClock& clock);

}  // namespace tidewatch
