#pragma once

#include <vector>

#include "stream/alert/options.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// Alerts that stand for `alert`, so that nobody is told of it: one suppression for each rule that applies, naming the
/// first of `firing` that does. As in Alertmanager an alert does not inhibit itself, and one that fits both sides of a
/// rule is not inhibited by others that do.
std::vector<v1::AlertSuppression> inhibiting(const v1::Alert& alert, const std::vector<const v1::Alert*>& firing,
                                             const std::vector<InhibitRule>& rules);

}  // namespace tidewatch
