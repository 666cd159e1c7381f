#include "stream/alert/open_alert.h"

#include <utility>

#include "stream/detect/budget/budget_alert.h"
#include "stream/detect/slo/slo_alert.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

int64_t to_nano(const std::optional<Timestamp>& time) { return time ? time->time_since_epoch().count() : 0; }

std::optional<Timestamp> from_nano(int64_t nano) {
  if (nano == 0) return std::nullopt;
  return Timestamp(Duration(nano));
}

}  // namespace

v1::AlertState OpenAlert::save() const {
  v1::AlertState out;
  *out.mutable_alert() = published;
  out.set_resolved_at_unix_nano(to_nano(resolved_at));
  out.set_raised_severity(raised_severity);
  out.set_raised_at_unix_nano(raised_at.time_since_epoch().count());
  out.set_page_at_unix_nano(to_nano(page_at));
  out.set_acknowledged_by_incident(is_acknowledged_by_incident);
  out.set_past(is_past);
  return out;
}

OpenAlert OpenAlert::load(v1::AlertState state) {
  OpenAlert out;
  out.published = std::move(*state.mutable_alert());
  out.raised_severity = state.raised_severity();
  out.raised_at = Timestamp(Duration(state.raised_at_unix_nano()));
  out.resolved_at = from_nano(state.resolved_at_unix_nano());
  out.page_at = from_nano(state.page_at_unix_nano());
  out.is_acknowledged_by_incident = state.acknowledged_by_incident();
  out.is_past = state.past();
  return out;
}

IncidentAlert to_incident_alert(const v1::Alert& alert) {
  IncidentAlert out;
  out.id = alert.id();
  out.scope = Scope(alert.labels().begin(), alert.labels().end());
  out.severity = alert.severity() == "page" ? Severity::page : Severity::ticket;
  out.starts_at = from_proto(alert.starts_at());
  out.surprise = alert.surprise();
  out.is_of_budget = alert.kind() == kBudgetKind || alert.kind() == kSloBudgetKind;
  if (alert.has_cause() && alert.cause().kind() != "unknown") out.cause = alert.cause().kind();
  return out;
}

}  // namespace tidewatch
