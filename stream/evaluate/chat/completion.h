#pragma once

#include <string_view>

#include "detectors/core/result.h"
#include "stream/evaluate/chat/chat_request.h"

namespace tidewatch {

/// The answer in the body of a chat completion. Its cost is not filled in. Errors: `bad_answer`, `refused`.
Result<ChatAnswer> read_completion(std::string_view body);

/// What a server says of an error, on one line, cut: `error.message` of its body where there is one. Never the request.
std::string said_in_error(std::string_view body);

}  // namespace tidewatch
