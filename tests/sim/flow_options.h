#pragma once

#include "stream/assemble/options.h"
#include "stream/detect/options.h"
#include "stream/session/options.h"

namespace tidewatch {

/// Options under which the quarter of an hour of flow_traffic() is long: short horizons, few windows to warm up.
AssembleOptions flow_assemble_options();
SessionOptions flow_session_options();
DetectOptions flow_detect_options(size_t max_entities);

}  // namespace tidewatch
