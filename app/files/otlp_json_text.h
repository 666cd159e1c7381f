#pragma once

#include <string>

#include "tidewatch/otlp/v1/logs.pb.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch {

/// Appends a message as OTLP/JSON in one line, as the OTLP specification maps it: camelCase keys, trace and span ids in
/// hex, other bytes in base64, 64-bit integers as strings, enums as integers, default values left out. Fields that the
/// generated classes do not know are lost.
void append_otlp_json(const otlp::v1::TracesData& message, std::string& out);
void append_otlp_json(const otlp::v1::LogsData& message, std::string& out);

}  // namespace tidewatch
