#pragma once

#include <string>
#include <string_view>

#include "detectors/core/time.h"

namespace tidewatch {

/// Id of an alert: 32 hex digits made of what it is about, so that a restarted or repeated run names it the same.
std::string alert_id(std::string_view rule, std::string_view entity_key, Timestamp starts_at);

/// Id of the incident that an alert begins.
std::string incident_id(std::string_view alert_id);

}  // namespace tidewatch
