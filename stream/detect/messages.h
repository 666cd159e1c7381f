#pragma once

#include <optional>
#include <string>
#include <vector>

#include "detectors/decide/cause/cause.h"
#include "stream/detect/entity_monitor.h"
#include "stream/detect/known_values.h"
#include "stream/detect/options.h"
#include "stream/detect/watcher.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/change.pb.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {

/// What is published of a window of an entity, as messages of the public topics.
/// Pre: judged.transition is there. `cause`: of what fires or pages.
v1::Alert alert_message(const EntityMonitor& entity, const Judged& judged, const std::optional<Cause>& cause,
                        const MeasureCatalog& catalog, const DetectOptions& options);

/// The resolution of an alert whose rule is gone.
v1::Alert retired_message(const EntityMonitor& entity, const Retired& retired, const MeasureCatalog& catalog,
                          const DetectOptions& options);

v1::QualityScore score_message(const EntityMonitor& entity, const EntityMonitor::Closed& closed, Timestamp end,
                               const MeasureCatalog& catalog, const DetectOptions& options);

v1::Change change_message(const EntityMonitor& entity, const FirstSight& sight);

/// Traces of ids as people write them: 32 hex digits.
std::string hex_trace_id(std::string_view raw);

}  // namespace tidewatch
