#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/decide/incident/incident_book.h"
#include "stream/alert/alert_matcher.h"
#include "stream/publish/wire_format.h"

namespace tidewatch {

/// While an alert that fits `source` fires, those that fit `target` and agree with it in `equal` are told to nobody.
struct InhibitRule {
  std::vector<LabelMatcher> source;
  std::vector<LabelMatcher> target;
  std::vector<std::string> equal;  ///< names that a LabelMatcher takes, or "incident"
};

/// A link for those whom the alert wakes: of the first entry that fits.
struct Runbook {
  std::vector<LabelMatcher> match;
  std::string url;
};

/// What is told already by the page about a provider or about missing telemetry is no ticket of its own.
std::vector<InhibitRule> default_inhibit_rules();

struct AlertOptions {
  IncidentOptions incidents;
  /// A ticket that fires for so long without anybody looking after it becomes a page. None: never.
  std::optional<Duration> escalate_after;
  std::vector<InhibitRule> inhibit = default_inhibit_rules();
  std::vector<Runbook> runbooks;
  WireFormat format = WireFormat::json;
};

}  // namespace tidewatch
