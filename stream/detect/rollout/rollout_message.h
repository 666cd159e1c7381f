#pragma once

#include <string>

#include "stream/detect/rollout/rollout_watch.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {

/// What is published of a decision on a rollout.
v1::RolloutDecision rollout_message(const RolloutWatch& rollout, const RolloutNews& news, const MeasureCatalog& catalog,
                                    const std::string& config_version);

}  // namespace tidewatch
