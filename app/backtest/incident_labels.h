#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// What really happened, as a labelled past says it: one line of a labels file.
struct IncidentLabel {
  std::string incident;  ///< its name
  std::string kind;      ///< model, prompt, data, users, provider, service, telemetry, cost, rollout, or any other word
  Timestamp starts_at{};
  Timestamp ends_at{};
  std::map<std::string, std::string> labels;  ///< where: {"service": "shop"}; empty: everywhere
  std::vector<std::string> measures{};        ///< that moved; empty: not known
  bool is_alert_expected = true;              ///< false: a benign event that must not alert
  std::string why;
};

/// One label from a JSON object (docs/labels.md). `incident` may be missing: its place in the file names it then.
/// Errors: `bad_label` that names the key, its value and what was wanted; unknown keys with the nearest right name.
Result<IncidentLabel> incident_label(const nlohmann::json& row);

/// The same from a line of JSON.
Result<IncidentLabel> parse_incident_label(std::string_view json);

/// A labels file: CSV with a header when its name ends with `.csv` (also .gz, .zst), else one JSON object per line.
/// Errors: `bad_label` with file and line, those of opening a file.
Result<std::vector<IncidentLabel>> read_incident_labels(const std::string& path);

}  // namespace tidewatch
