#pragma once

#include <string>
#include <string_view>

#include "detectors/core/time.h"

namespace tidewatch {

/// Id of an alert: 32 hex digits made of what it is about, so that a restarted or repeated run names it the same.
std::string alert_id(std::string_view rule, std::string_view entity_key, Timestamp starts_at);

/// Id shared by alerts that probably belong together: those of one service (or other topmost entity) whose deviation
/// began in the same half hour of the clock. Needs nothing but the alert itself, so that tasks that own different
/// entities agree without talking; alerts on either side of a half hour get different ids.
std::string incident_key(std::string_view top_entity, Timestamp starts_at);

}  // namespace tidewatch
