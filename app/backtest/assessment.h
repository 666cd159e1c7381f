#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest/incident_labels.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// How one labelled incident was seen.
struct IncidentFound {
  IncidentLabel label;
  size_t alerts = 0;                 ///< that fired within it
  const v1::Alert* first = nullptr;  ///< the earliest of them
  std::optional<Duration> delay;     ///< from the incident's start until `first` was decided
  std::string severity;              ///< the highest of its alerts
};

/// What a labelled past says of the alerts of a run.
///
/// An alert belongs to an incident when none of its labels contradicts the incident's, and it fired between the start
/// and the end plus `kGrace` (what lasts is noticed late, recoveries look like changes too). Alerts that belong to no
/// incident are false; those that lie within one incident id are one false alarm.
struct Assessment {
  static constexpr Duration kGrace = std::chrono::minutes(60);

  std::vector<IncidentFound> incidents;  ///< expected ones and benign ones, by start
  std::vector<const v1::Alert*> false_alerts;
  size_t false_incidents = 0;  ///< different incident ids among them
  size_t fired = 0;            ///< alerts that fired, each once

  size_t expected() const;
  size_t found() const;
  double recall() const;     ///< found of expected incidents; 1 without any
  double precision() const;  ///< alerts that belong to an expected incident, of all; 1 without any
};

/// `alerts`: transitions in the order they were published; outlives the result.
Assessment assess(const std::vector<v1::Alert>& alerts, std::vector<IncidentLabel> labels);

nlohmann::json to_json(const Assessment& assessment);
/// For a person: incident, found, delay, severity, why; then false alarms.
std::string to_table(const Assessment& assessment);

}  // namespace tidewatch
