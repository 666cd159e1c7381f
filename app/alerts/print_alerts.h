#pragma once

#include <string>

#include "app/alerts/alert_store.h"
#include "stream/alert/alert_matcher.h"
#include "stream/detect/expected_events.h"

namespace tidewatch {

/// Alerts that fit, by incident, the worst first: a line for each incident, and one for each of its alerts that fires.
/// `all`: those that were resolved as well.
std::string alerts_text(const AlertStore& store, const std::vector<LabelMatcher>& matchers, bool all);
/// The same, one alert as JSON a line.
std::string alerts_json(const AlertStore& store, const std::vector<LabelMatcher>& matchers, bool all);

std::string silences_text(const AlertStore& store, Timestamp now);
std::string silences_json(const AlertStore& store);

std::string events_text(const AlertStore& store, const std::vector<ExpectedEvent>& of_config, Timestamp now);
std::string events_json(const AlertStore& store, const std::vector<ExpectedEvent>& of_config);

}  // namespace tidewatch
