#pragma once

#include <string>

#include "detectors/core/time.h"
#include "stream/publish/wire_format.h"
#include "stream/runtime/effects.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/incident.pb.h"

namespace tidewatch {

/// The id of the CloudEvent of a change: the same event when it is written again.
std::string event_id(const std::string& id, const std::string& transition, Timestamp at);

/// Writes a change of an alert to alerts and alerts_state, with the headers of a CloudEvent. Counts alert_transitions.
void publish_alert(const v1::Alert& alert, WireFormat format, Effects& out);

/// Writes a change of an incident to incidents, the same. Counts incident_transitions.
void publish_incident(const v1::Incident& incident, WireFormat format, Effects& out);

}  // namespace tidewatch
