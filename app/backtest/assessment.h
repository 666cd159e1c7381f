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
  size_t alerts = 0;                      ///< that fired within it; all but the first are extra
  const v1::Alert* first = nullptr;       ///< the earliest of them
  std::optional<Duration> delay{};        ///< from the incident's start until `first` was decided, not below 0
  std::string severity{};                 ///< the highest of its alerts
  std::vector<const v1::Alert*> fired{};  ///< all of them, in the order they were decided
};

/// How exactly the times of labels are to be taken.
struct LabelTolerance {
  Duration before = Duration::zero();         ///< people may write a start that is too late
  Duration after = std::chrono::minutes(60);  ///< what lasts is noticed late, recoveries look like changes too
};

/// What a labelled past says of the alerts of a run.
///
/// An alert belongs to an incident when none of its labels contradicts the incident's, and it was decided between the
/// incident's start and end, give or take the tolerance. It may belong to several. Alerts that belong to no expected
/// incident are false; those of one incident id are one false alarm. That an objective is missed (SLOs) or an unsafe
/// answer confirmed is no guess: such an alert finds incidents, but is never false. Shares of budgets are left out.
struct Assessment {
  std::vector<IncidentFound> incidents;  ///< expected ones and benign ones, by start
  std::vector<const v1::Alert*> false_alerts;
  size_t false_incidents = 0;  ///< different incident ids among them: false alarms
  size_t fired = 0;            ///< alerts that fired, each once
  Duration judged{};           ///< event time in which something could have alerted; zero: not known

  size_t expected() const;
  size_t found() const;
  double recall() const;     ///< found of expected incidents; 1 without any
  double precision() const;  ///< alerts that belong to an expected incident, of all; 1 without any
};

/// `alerts`: transitions in the order they were published; outlives the result.
Assessment assess(const std::vector<v1::Alert>& alerts, std::vector<IncidentLabel> labels,
                  const LabelTolerance& tolerance = {}, Duration judged = Duration::zero());

/// With the scorecard (scorecard.h).
nlohmann::json to_json(const Assessment& assessment);
/// For a person: incident, found, delay, severity, why; then the scorecard and the false alarms.
std::string to_table(const Assessment& assessment);

}  // namespace tidewatch
