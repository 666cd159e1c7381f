#pragma once

#include <vector>

#include "detectors/core/time.h"
#include "detectors/decide/severity.h"

namespace tidewatch {

/// An alert on how fast an error budget is spent. Burn 1 spends it in exactly the period; 14.4 spends 2 % of a budget
/// of 30 days in an hour.
struct BurnRule {
  double burn = 1;
  Duration long_window{};   ///< says that it matters
  Duration short_window{};  ///< says that it goes on
  Severity severity = Severity::ticket;
  friend bool operator==(const BurnRule&, const BurnRule&) = default;
};

/// Those of the Site Reliability Workbook (Beyer et al. 2018, ch. 5, table 5-8): pages at 14.4 over 1 h and 5 min and
/// at 6 over 6 h and 30 min, tickets at 3 over 1 d and 2 h and at 1 over 3 d and 6 h. Windows are those of a period of
/// 30 days; of another they are as much longer or shorter, in whole 5 minutes and at least that, so that they spend the
/// same share of the budget. A factor that an objective makes impossible (14.4 at 95 % would be 72 % of all events, at
/// 90 % more than all) is the one at which three quarters of events are bad.
std::vector<BurnRule> default_burn_rules(Duration period, double objective);

}  // namespace tidewatch
