#pragma once

#include <string>
#include <vector>

#include "app/config/config.h"

namespace tidewatch {

/// A value that two configs do not share.
struct ConfigDifference {
  std::string path;    ///< "detectors.refusals.alert.min_effect", "false_alarms.per_week"
  std::string before;  ///< as it would be written; empty: not there
  std::string after;
};

/// What decides about alerts and differs, in the order of the config's keys. Rules go by their names; a rule that only
/// one of them has is one difference with the path "detectors.NAME".
std::vector<ConfigDifference> config_differences(const Config& before, const Config& after);

/// "window 5m -> 10m" without the first `prefix` of the path.
std::string to_string(const ConfigDifference& difference, const std::string& prefix = {});

}  // namespace tidewatch
