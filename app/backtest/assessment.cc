#include "app/backtest/assessment.h"

#include <algorithm>
#include <set>

#include "stream/detect/budget/budget_alert.h"
#include "stream/detect/safety/confirmed_alert.h"
#include "stream/detect/slo/slo_alert.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

bool contradicts(const v1::Alert& alert, const IncidentLabel& label) {
  return std::any_of(label.labels.begin(), label.labels.end(), [&](const auto& row) {
    const auto at = alert.labels().find(row.first);
    return at != alert.labels().end() && at->second != row.second;
  });
}

bool belongs(const v1::Alert& alert, const IncidentLabel& label, const LabelTolerance& tolerance) {
  const Timestamp decided = from_proto(alert.observed_at());
  return decided >= label.starts_at - tolerance.before && decided <= label.ends_at + tolerance.after &&
         !contradicts(alert, label);
}

}  // namespace

size_t Assessment::expected() const {
  return static_cast<size_t>(
      std::count_if(incidents.begin(), incidents.end(), [](const auto& i) { return i.label.is_alert_expected; }));
}

size_t Assessment::found() const {
  return static_cast<size_t>(std::count_if(incidents.begin(), incidents.end(),
                                           [](const auto& i) { return i.label.is_alert_expected && i.alerts > 0; }));
}

double Assessment::recall() const {
  return expected() == 0 ? 1 : static_cast<double>(found()) / static_cast<double>(expected());
}

double Assessment::precision() const {
  return fired == 0 ? 1 : 1 - static_cast<double>(false_alerts.size()) / static_cast<double>(fired);
}

Assessment assess(const std::vector<v1::Alert>& alerts, std::vector<IncidentLabel> labels,
                  const LabelTolerance& tolerance, Duration judged) {
  std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
    return std::tie(a.starts_at, a.incident) < std::tie(b.starts_at, b.incident);
  });
  Assessment out;
  out.judged = judged;
  for (auto& label : labels) out.incidents.push_back({.label = std::move(label)});
  std::set<std::string> false_ids;
  for (const auto& alert : alerts) {
    // Money and budgets spent are no guesses.
    if (alert.transition() == "resolved" || alert.kind() == kBudgetKind || alert.kind() == kSloBudgetKind) continue;
    const bool is_new = alert.transition() == "fired";
    const bool is_true = std::any_of(out.incidents.begin(), out.incidents.end(), [&](const auto& incident) {
      return incident.label.is_alert_expected && belongs(alert, incident.label, tolerance);
    });
    if ((alert.kind() == kSloKind || alert.kind() == kConfirmedKind) && !is_true) continue;
    if (is_new) ++out.fired;
    for (auto& incident : out.incidents) {
      // What an incident explains is not held against a launch at the same time.
      if (!belongs(alert, incident.label, tolerance) || (is_true && !incident.label.is_alert_expected)) continue;
      if (incident.severity != "page") incident.severity = alert.severity();
      if (!is_new) continue;
      ++incident.alerts;
      incident.fired.push_back(&alert);
      if (incident.first != nullptr) continue;
      incident.first = &alert;
      incident.delay = std::max(Duration::zero(), from_proto(alert.observed_at()) - incident.label.starts_at);
    }
    if (is_true || !is_new) continue;
    out.false_alerts.push_back(&alert);
    false_ids.insert(alert.incident_id());
  }
  out.false_incidents = false_ids.size();
  return out;
}

}  // namespace tidewatch
