#pragma once

#include <vector>

#include "app/config/config.h"
#include "detectors/core/result.h"
#include "stream/detect/detect.h"
#include "stream/runtime/topology.h"

namespace tidewatch {

/// The stages in the order data flows: observe, assemble, detect. Every runner drives the same ones.
/// `config` is copied. Errors: of a config that cannot work (`bad_rule`, `bad_measure`, `bad_time_zone`,
/// `bad_phrases`), named as in the config. `observer` is told of everything that detect judges.
Result<std::vector<StageSpec>> make_flow(const Config& config, const Detect::Observer& observer = {});

/// The last of them alone. Pre: the config passed make_flow(), or its options passed Detect::make().
StageSpec detect_stage(const DetectOptions& options, const Detect::Observer& observer = {});

/// How far event time must go on after the last span until its request is counted.
Duration longest_request(const Config& config);

}  // namespace tidewatch
