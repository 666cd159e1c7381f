#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "detectors/core/time.h"

namespace tidewatch {

/// As messages carry it; every Timestamp (years 1677 to 2262) fits.
google::protobuf::Timestamp to_proto(Timestamp time);
/// What cannot be a Timestamp is the nearest that can.
Timestamp from_proto(const google::protobuf::Timestamp& time);

/// RFC 3339 in UTC with as many digits of the second as needed (0, 3, 6 or 9): "2026-03-01T12:00:00.250Z".
std::string rfc3339(Timestamp time);

}  // namespace tidewatch
