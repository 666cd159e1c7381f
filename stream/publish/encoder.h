#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>

#include "stream/publish/wire_format.h"

namespace tidewatch {

/// The value of a record of a public topic: protobuf, or protobuf's JSON mapping with the field names of the schema,
/// one line. Fields without presence are written even when zero or empty; absent `optional` and message fields are
/// not. Equal messages give equal bytes: map entries are ordered by key.
/// Pre: every number in `message` is finite (JSON has no other; see non_finite_field).
std::string encode(const google::protobuf::Message& message, WireFormat format);

/// Path of the first float or double that is NaN or infinite ("measures[3].value"); empty when there is none.
std::optional<std::string> non_finite_field(const google::protobuf::Message& message);

/// "application/json" or "application/protobuf".
std::string content_type(WireFormat format);

}  // namespace tidewatch
