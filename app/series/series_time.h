#pragma once

#include <string>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// A moment as spreadsheets and exporters write it: RFC 3339 (`2026-03-05T06:30:00+01:00`), a date with a time of day
/// (`2026-03-05 06:30:00`, seconds and their fraction optional; UTC where no offset is given), a date alone, or a
/// number since the Unix epoch, in seconds, or by its size in milli-, micro- or nanoseconds. Code: `bad_time`.
Result<Timestamp> parse_series_time(std::string_view text);

}  // namespace tidewatch
