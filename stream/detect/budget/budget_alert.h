#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "detectors/sketch/exemplar.h"
#include "stream/detect/budget/entity_spend.h"
#include "stream/detect/entity_monitor.h"
#include "stream/detect/options.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// `kind` of their alerts.
inline constexpr std::string_view kBudgetKind = "budget";

/// A transition of the alert of a budget. `drivers`: a sentence on what the rise comes from; may be empty. `exemplars`:
/// the dearest requests of the window.
v1::Alert budget_alert(const EntityMonitor& entity, const BudgetNews& news, const std::string& drivers,
                       const std::vector<Exemplar>& exemplars, const DetectOptions& options);

}  // namespace tidewatch
