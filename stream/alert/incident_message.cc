#include "stream/alert/incident_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "detectors/core/check.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string in_words(const Scope& scope) {
  std::string out;
  for (const auto& [name, value] : scope) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return out.empty() ? "several services" : out;
}

/// "service=shop, endpoint=/chat: refusal_rate and 3 more".
std::string title_of(const Incident& incident, const v1::Alert& lead) {
  const size_t others = incident.members.size() - 1;
  const std::string rest = others == 0 ? "" : fmt::format(" and {} more", others);
  return fmt::format("{}: {}{}", in_words(incident.scope()), lead.measure(), rest);
}

const OpenAlert& alert_of(const OpenAlerts& alerts, const std::string& id) {
  const auto found = alerts.find(id);
  TW_CHECK(found != alerts.end(), "an incident has an alert that is not known");
  return found->second;
}

/// The cause of the alert that is surest of one.
const v1::AlertCause* cause_of(const Incident& incident, const OpenAlerts& alerts) {
  const v1::AlertCause* best = nullptr;
  for (const auto& [id, member] : incident.members) {
    const v1::Alert& alert = alert_of(alerts, id).published;
    if (!alert.has_cause()) continue;
    const v1::AlertCause& cause = alert.cause();
    const bool is_named = cause.kind() != "unknown";
    const bool is_better = best == nullptr || (is_named && best->kind() == "unknown") ||
                           (is_named == (best->kind() != "unknown") && cause.confidence() > best->confidence());
    if (is_better) best = &cause;
  }
  return best;
}

}  // namespace

IncidentStanding standing_of(const Incident& incident, const OpenAlerts& alerts) {
  IncidentStanding out;
  out.members = incident.members.size();
  out.severity = incident.severity();
  out.is_open = incident.open_members() > 0;
  out.is_acknowledged = out.is_suppressed = out.is_open;
  for (const auto& [id, member] : incident.members) {
    if (member.resolved_at) continue;
    const v1::Alert& alert = alert_of(alerts, id).published;
    out.is_acknowledged &= alert.has_acknowledged();
    out.is_suppressed &= !alert.suppressed_by().empty();
  }
  return out;
}

std::string incident_transition(const IncidentStanding& before, const IncidentStanding& now) {
  if (before == now) return {};
  if (before.members == 0) return "opened";
  if (before.is_open && !now.is_open) return "resolved";
  if (!before.is_open && now.is_open) return "reopened";
  if (now.severity > before.severity) return "escalated";
  if (now.members > before.members) return "joined";
  if (now.is_suppressed != before.is_suppressed) return now.is_suppressed ? "suppressed" : "unsuppressed";
  if (now.is_acknowledged != before.is_acknowledged) return now.is_acknowledged ? "acknowledged" : "unacknowledged";
  return {};
}

v1::Incident incident_message(const Incident& incident, const OpenAlerts& alerts, std::string transition,
                              Timestamp at) {
  v1::Incident out;
  const std::string lead = incident.leading();
  const v1::Alert& first = alert_of(alerts, lead).published;
  const auto ended = incident.ended_at();
  out.set_id(incident.id);
  out.set_state(ended ? "resolved" : "open");
  out.set_transition(std::move(transition));
  out.set_severity(std::string(name_of(incident.severity())));
  const Scope scope = incident.scope();
  for (const auto& [name, value] : scope) (*out.mutable_labels())[name] = value;
  out.set_title(title_of(incident, first));
  out.set_why(first.why());
  out.set_lead(lead);
  if (const auto* cause = cause_of(incident, alerts)) *out.mutable_cause() = *cause;
  *out.mutable_changes() = first.changes();
  std::vector<std::pair<Timestamp, std::string>> rest;
  for (const auto& [id, member] : incident.members)
    if (id != lead) rest.emplace_back(member.starts_at, id);
  std::sort(rest.begin(), rest.end());
  out.add_alerts(lead);
  for (auto& [start, id] : rest) out.add_alerts(std::move(id));
  out.set_open_alerts(static_cast<uint32_t>(incident.open_members()));
  *out.mutable_starts_at() = to_proto(incident.starts_at());
  *out.mutable_at() = to_proto(at);
  if (ended) *out.mutable_ends_at() = to_proto(*ended);
  *out.mutable_exemplars() = first.exemplars();
  const IncidentStanding now = standing_of(incident, alerts);
  for (const auto& id : out.alerts()) {
    const OpenAlert& alert = alert_of(alerts, id);
    if (!alert.is_firing()) continue;
    if (now.is_suppressed) *out.mutable_suppressed_by() = alert.published.suppressed_by();
    if (now.is_acknowledged) *out.mutable_acknowledged() = alert.published.acknowledged();
    break;
  }
  out.set_runbook(first.runbook());
  return out;
}

}  // namespace tidewatch
