#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.h"
#include "detectors/core/result.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// What the compacted topics say at this moment.
struct AlertStore {
  std::vector<v1::Alert> alerts;           ///< the latest of each, by start
  std::vector<v1::SilenceState> silences;  ///< by end
  std::vector<v1::ExpectedState> events;   ///< announced ones, by begin
  uint64_t series = 0;                     ///< rules on entities that are watched: what shares the false-alarm budget

  /// Reads the latest of each alert, the silences and the expected events that are known. Errors: `broker_unavailable`,
  /// `bad_config` (a topic is missing), `not_authorized`, `restore_stalled`.
  static Result<AlertStore> read(const Config& config);

  /// Alerts that fire and whose id, or whose incident's id, begins with `prefix`: of one id alone. Errors: `not_found`,
  /// `ambiguous`.
  struct Target {
    std::string alert_id;
    std::string incident_id;
  };
  Result<Target> target(std::string_view prefix) const;
  /// Ids of the alert, or of all alerts of the incident, whose id begins with `prefix`, also of those that were
  /// resolved. Errors: as target().
  Result<std::vector<std::string>> alert_ids(std::string_view prefix) const;
  /// Errors: as target().
  Result<std::string> silence(std::string_view prefix) const;
  Result<std::string> event(std::string_view prefix) const;
};

}  // namespace tidewatch
