#pragma once

#include <map>
#include <string>
#include <vector>

#include "detectors/decide/budget/budget.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// A budget as people declare it: one entry of `budgets:` in the config. Each entity of the group has its own.
struct BudgetRule {
  enum class Per : uint8_t { day, month, rolling };

  std::string name;                                       ///< unique; part of the alerts' ids
  EntityGroup entity;                                     ///< a group that is watched
  std::map<std::string, std::vector<std::string>> where;  ///< only entities with these labels: applies_to()
  double amount = 0;
  std::string currency = "USD";
  Per per = Per::day;
  Duration rolling = std::chrono::hours(24 * 7);  ///< whole hours; with Per::rolling
  std::string time_zone;                          ///< empty: that of the seasons
  std::vector<double> alert_at = BudgetPolicy().alert_at;
  double page_at = 1;  ///< share from which an alert pages
  bool forecasts = true;
};

}  // namespace tidewatch
