#pragma once

#include "detectors/core/time.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// A day or a month of people's calendar: from `start` up to `end`, not included.
struct BudgetPeriod {
  Timestamp start{};
  Timestamp end{};
  friend bool operator==(const BudgetPeriod&, const BudgetPeriod&) = default;
};

/// The calendar of a budget, which knows time zones: days of 23, 24 or 25 hours.
class BudgetClock {
 public:
  virtual ~BudgetClock() = default;
  virtual SeasonSlot slot(Timestamp time) const = 0;
  virtual BudgetPeriod period(Timestamp time) const = 0;  ///< the one that `time` is in
};

}  // namespace tidewatch
