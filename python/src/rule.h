#pragma once

#include <optional>
#include <string>

#include "detectors/decide/false_alarms.h"
#include "detectors/decide/lifecycle.h"

namespace tidewatch::python {

/// A rule as people write it: the surprise it needs follows from the budget of false alarms and the width of a window,
/// unless it is given.
struct Rule {
  AlertRule alert;
  std::string entity;
  FalseAlarmBudget budget;
  std::optional<double> min_surprise;
  double min_effect = 0;
  double min_effect_absolute = 0;

  AlertRule at(Duration width) const {
    AlertRule out = alert;
    out.needs = {min_surprise ? *min_surprise : threshold_bits(budget, width), min_effect, min_effect_absolute};
    return out;
  }
};

}  // namespace tidewatch::python
