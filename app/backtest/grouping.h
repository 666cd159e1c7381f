#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "app/backtest/assessment.h"

namespace tidewatch {

/// How well alerts were put into incidents, over the alerts that belong to a labelled incident that should alert. An
/// alert that belongs to several labelled ones counts for the one whose start is nearest before it was decided.
struct GroupingScore {
  size_t found = 0;  ///< labelled incidents with an alert
  size_t told = 0;   ///< incidents that a person was told of, summed over them: one for each would be best
  size_t alerts = 0;
  size_t in_majority = 0;  ///< alerts of the labelled incident that most alerts of their incident belong to
  size_t together = 0;     ///< alerts in the incident that has most alerts of their labelled one

  double per_true_incident() const;  ///< told / found; 0 without any
  double purity() const;             ///< in_majority / alerts; 1: no incident mixes two problems
  double completeness() const;       ///< together / alerts; 1: no problem is split
};

GroupingScore score_grouping(const Assessment& assessment);

nlohmann::json to_json(const GroupingScore& score);
/// One line; empty without alerts.
std::string to_text(const GroupingScore& score);

}  // namespace tidewatch
