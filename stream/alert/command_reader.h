#pragma once

#include <string_view>

#include "detectors/core/result.h"
#include "stream/runtime/record.h"
#include "tidewatch/v1/command.pb.h"

namespace tidewatch {

/// Reads a message of `tidewatch.commands`: v1::Command as JSON (with the field names of the schema) or protobuf,
/// checked: a command that names what it is about, silences with matchers that compile and an end after their
/// beginning. Absent are filled in: `id` by the record's position, `at` by its append time, which it may not be after.
/// Errors: `bad_command`, `bad_matcher`, `bad_silence`.
Result<v1::Command> read_command(const Record& record);

}  // namespace tidewatch
