#pragma once

#include <optional>
#include <string>

#include "detectors/core/time.h"
#include "detectors/decide/incident/incident_book.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// An alert as the stage `alert` keeps it: what was last published, and what detect last said.
struct OpenAlert {
  v1::Alert published;
  std::string raised_severity;
  Timestamp raised_at = kMinTimestamp;       ///< of detect's last transition
  std::optional<Timestamp> resolved_at;      ///< none: it fires
  std::optional<Timestamp> page_at;          ///< when it escalates unless somebody looks after it
  bool is_acknowledged_by_incident = false;  ///< as are those that join
  bool is_past = false;                      ///< its incident is forgotten

  bool is_firing() const { return !resolved_at; }
  v1::AlertState save() const;
  static OpenAlert load(v1::AlertState state);
};

/// What grouping has to know of it.
IncidentAlert to_incident_alert(const v1::Alert& alert);

}  // namespace tidewatch
