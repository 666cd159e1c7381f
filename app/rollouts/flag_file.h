#pragma once

#include <string>

#include "detectors/core/result.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {

/// What a router that reads files is told of a rollout: one JSON object with the treatment's share, 0 to 1.
std::string flag_text(const v1::RolloutDecision& decision);

/// Replaces the file at once, so that nobody reads half of it. Errors: `io`.
Status write_flag(const std::string& path, const std::string& text);

}  // namespace tidewatch
