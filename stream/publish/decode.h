#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// Reads what encode() wrote, in either format: no message of ours in protobuf begins with `{`. Fields that this
/// version does not know are ignored. Errors: `bad_event`.
Status decode(std::string_view value, google::protobuf::Message& into);

}  // namespace tidewatch
