#pragma once

#include <map>
#include <string>
#include <vector>

#include "detectors/decide/slo/slo.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// A service level objective as people declare it: one entry of `slos:` in the config. Each entity of the group has its
/// own error budget.
struct SloRule {
  std::string name;                                       ///< unique; part of the alerts' ids
  EntityGroup entity;                                     ///< a group that is watched
  std::map<std::string, std::vector<std::string>> where;  ///< only entities with these labels: applies_to()
  std::string measure;                                    ///< a rate
  bool is_good = false;                                   ///< the rate counts what is good; else what is bad
  double objective = SloPolicy().objective;
  Duration period = SloPolicy().period;  ///< whole days
  std::vector<BurnRule> burns;           ///< empty: default_burn_rules()
  std::vector<double> alert_at = SloPolicy().alert_at;
  double min_events = SloPolicy().min_events;
  double min_bad = SloPolicy().min_bad;

  SloPolicy policy() const;
};

}  // namespace tidewatch
