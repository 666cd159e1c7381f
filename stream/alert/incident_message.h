#pragma once

#include <map>
#include <string>

#include "detectors/decide/incident/incident_book.h"
#include "stream/alert/open_alert.h"
#include "tidewatch/v1/incident.pb.h"

namespace tidewatch {

using OpenAlerts = std::map<std::string, OpenAlert, std::less<>>;  ///< by id

/// How an incident stands, as far as a change of it is worth telling.
struct IncidentStanding {
  size_t members = 0;
  bool is_open = false;
  Severity severity = Severity::ticket;
  bool is_acknowledged = false;  ///< all alerts that fire are
  bool is_suppressed = false;    ///< all alerts that fire are

  bool operator==(const IncidentStanding&) const = default;
};
IncidentStanding standing_of(const Incident& incident, const OpenAlerts& alerts);

/// What happened between two standings; empty: nothing worth telling.
std::string incident_transition(const IncidentStanding& before, const IncidentStanding& now);

/// Pre: `alerts` has every member.
v1::Incident incident_message(const Incident& incident, const OpenAlerts& alerts, std::string transition, Timestamp at);

}  // namespace tidewatch
