#pragma once

#include <optional>
#include <string>

#include "detectors/core/time.h"

namespace tidewatch::gen {

/// "2026-03-05T00:00:00.000Z": milliseconds, UTC.
std::string rfc3339(Timestamp time);
/// A date ("2026-03-05", its first moment in UTC) or a date and time with zone ("…T06:30:00Z", "…T08:30:00+02:00").
std::optional<Timestamp> parse_rfc3339(const std::string& text);

}  // namespace tidewatch::gen
