#pragma once

#include <string_view>
#include <vector>

#include "stream/evaluate/validators/reviewed_request.h"

namespace tidewatch {

/// What the user wrote: the question and the conversation, in which the answers are repetitions at worst.
std::vector<std::string_view> texts_of_user(const ReviewedRequest& request);
/// What was looked up: documents with their titles, identifiers and addresses, and results of tools.
std::vector<std::string_view> texts_looked_up(const ReviewedRequest& request);
/// All that the model was given: both, and the instructions.
std::vector<std::string_view> texts_given(const ReviewedRequest& request);

}  // namespace tidewatch
