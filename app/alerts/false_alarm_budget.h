#pragma once

#include <cstdint>
#include <string>

#include "app/alerts/alert_store.h"
#include "detectors/decide/false_alarms.h"

namespace tidewatch {

/// What false alarms people accept in a week, and what became of the alerts that began in the last one.
struct SpentBudget {
  uint64_t series = 0;      ///< that are watched
  double accepted = 0;      ///< false alarms a week on all of them
  uint64_t began = 0;       ///< alerts of rules that keep the budget
  uint64_t were_false = 0;  ///< marked so
  uint64_t were_true = 0;
  uint64_t are_open = 0;  ///< nobody has said yet
};

/// Of the week that ends at `now`. Alerts of detectors that claim no chance (limits that people set themselves, test
/// sets) and of money have no part in it.
SpentBudget spent_budget(const AlertStore& store, const FalseAlarmBudget& budget, Timestamp now);

std::string budget_text(const SpentBudget& spent, const FalseAlarmBudget& budget);
std::string budget_json(const SpentBudget& spent);

}  // namespace tidewatch
