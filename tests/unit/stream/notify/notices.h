#pragma once

#include <memory>
#include <string>
#include <utility>

#include "stream/notify/notice.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {

/// When everything begins: as FakeSurroundings has it.
inline Timestamp noon(Duration later = {}) { return Timestamp(std::chrono::hours(24 * 365 * 50)) + later; }

inline v1::Notice alert(const std::string& id, const std::string& transition, Duration at = {},
                        const std::string& severity = "ticket") {
  v1::Notice out;
  auto& alert = *out.mutable_alert();
  alert.set_id(id);
  alert.set_incident_id("incident-of-" + id);
  alert.set_state(transition == "resolved" ? "resolved" : "firing");
  alert.set_transition(transition);
  alert.set_severity(severity);
  alert.set_kind("shift");
  alert.set_rule("refusals");
  alert.set_measure("refusal_rate");
  (*alert.mutable_labels())["service"] = "shop";
  *alert.mutable_starts_at() = to_proto(noon());
  *alert.mutable_observed_at() = to_proto(noon(at));
  if (transition == "suppressed") alert.add_suppressed_by()->set_kind("silence");
  return out;
}

inline v1::Notice incident(const std::string& id, const std::string& transition, Duration at = {},
                           const std::string& severity = "ticket") {
  v1::Notice out;
  auto& incident = *out.mutable_incident();
  incident.set_id(id);
  incident.set_state(transition == "resolved" ? "resolved" : "open");
  incident.set_transition(transition);
  incident.set_severity(severity);
  (*incident.mutable_labels())["service"] = "shop";
  incident.set_title("service=shop: refusal_rate");
  incident.set_lead("alert-of-" + id);
  incident.add_alerts("alert-of-" + id);
  *incident.mutable_starts_at() = to_proto(noon());
  *incident.mutable_at() = to_proto(noon(at));
  return out;
}

}  // namespace tidewatch
