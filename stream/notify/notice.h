#pragma once

#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/alert/alert_matcher.h"
#include "tidewatch/v1/notice.pb.h"

namespace tidewatch {

/// What a sink is told of: each alert, for programs, or incidents, for people.
enum class Subject : uint8_t { alerts, incidents };

/// A v1::Notice is a change of an alert or an incident; these read what both have.
/// pre, of all: it has one of them
Subject subject_of(const v1::Notice& notice);
const std::string& id_of(const v1::Notice& notice);
const std::string& transition_of(const v1::Notice& notice);
const std::string& severity_of(const v1::Notice& notice);
Timestamp time_of(const v1::Notice& notice);  ///< event time of the change
bool is_firing(const v1::Notice& notice);
bool is_suppressed(const v1::Notice& notice);

/// The same each time the same change is told, and of no other: the id of its CloudEvent.
std::string key_of(const v1::Notice& notice);

/// Whether all fit. An incident has labels, `severity`, `cause` and `incident`; the rest is empty.
bool fit(const std::vector<LabelMatcher>& matchers, const v1::Notice& notice);

}  // namespace tidewatch
