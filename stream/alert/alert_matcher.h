#pragma once

#include <string_view>
#include <vector>

#include "stream/window/label_matcher.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// What a matcher compares: "measure", "rule", "kind", "severity", "cause" (its kind), "alert_id", "incident", else a
/// label of the alert's entity.
std::string_view matched_value(const v1::Alert& alert, std::string_view name);

/// Whether all fit.
bool fit(const std::vector<LabelMatcher>& matchers, const v1::Alert& alert);

}  // namespace tidewatch
