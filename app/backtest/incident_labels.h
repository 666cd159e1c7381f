#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// What really happened, as a labelled past says it: one line of a labels file.
struct IncidentLabel {
  std::string incident;  ///< its name
  std::string kind;      ///< model, prompt, data, users, provider, service, telemetry, cost, rollout
  Timestamp starts_at{};
  Timestamp ends_at{};
  std::map<std::string, std::string> labels;  ///< where: {"service": "shop"}
  bool is_alert_expected = true;              ///< false: a benign event that must not alert
  std::string why;
};

/// One label from a line of JSON: incident, starts_at and ends_at (RFC 3339) are needed. Errors: `bad_label` that names
/// what is missing.
Result<IncidentLabel> parse_incident_label(std::string_view json);

}  // namespace tidewatch
