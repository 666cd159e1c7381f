#pragma once

#include <string_view>
#include <vector>

#include "detectors/sketch/exemplar.h"
#include "stream/detect/entity_monitor.h"
#include "stream/detect/options.h"
#include "stream/detect/slo/entity_slos.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// `kind` of alerts that say that an error budget burns,
inline constexpr std::string_view kSloKind = "slo";
/// and of those that say that a share of it is spent.
inline constexpr std::string_view kSloBudgetKind = "slo_budget";

/// A transition of the alert of an SLO. `exemplars`: bad events of the window.
v1::Alert slo_alert(const EntityMonitor& entity, const SloNews& news, const std::vector<Exemplar>& exemplars,
                    const DetectOptions& options);

}  // namespace tidewatch
