#pragma once

#include <string_view>

#include "stream/detect/entity_monitor.h"
#include "stream/detect/options.h"
#include "stream/detect/safety/confirmed_cases.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// `kind` of alerts of unsafe answers that an evaluation confirmed.
inline constexpr std::string_view kConfirmedKind = "confirmed";

v1::Alert confirmed_alert(const EntityMonitor& entity, const ConfirmedNews& news, const DetectOptions& options);

}  // namespace tidewatch
