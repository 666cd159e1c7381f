#pragma once

#include <vector>

#include "app/config/config.h"
#include "detectors/core/result.h"
#include "stream/runtime/topology.h"

namespace tidewatch {

/// The stages in the order data flows: observe, assemble, detect. Every runner drives the same ones.
/// `config` is copied. Errors: of a config that cannot work (`bad_rule`, `bad_measure`, `bad_time_zone`,
/// `bad_phrases`), named as in the config.
Result<std::vector<StageSpec>> make_flow(const Config& config);

/// How far event time must go on after the last span until its request is counted.
Duration longest_request(const Config& config);

}  // namespace tidewatch
