#include "app/backtest/assessment.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

Timestamp time_of(const google::protobuf::Timestamp& time) {
  return Timestamp(Duration(google::protobuf::util::TimeUtil::TimestampToNanoseconds(time)));
}

bool contradicts(const v1::Alert& alert, const IncidentLabel& label) {
  return std::any_of(label.labels.begin(), label.labels.end(), [&](const auto& row) {
    const auto at = alert.labels().find(row.first);
    return at != alert.labels().end() && at->second != row.second;
  });
}

bool belongs(const v1::Alert& alert, const IncidentLabel& label) {
  const Timestamp decided = time_of(alert.observed_at());
  return decided >= label.starts_at && decided <= label.ends_at + Assessment::kGrace && !contradicts(alert, label);
}

std::string minutes(Duration duration) { return fmt::format("{:.0f} min", to_seconds(duration) / 60); }

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

Assessment assess(const std::vector<v1::Alert>& alerts, std::vector<IncidentLabel> labels) {
  std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
    return std::tie(a.starts_at, a.incident) < std::tie(b.starts_at, b.incident);
  });
  Assessment out;
  for (auto& label : labels) out.incidents.push_back({std::move(label), 0, nullptr, std::nullopt, ""});
  std::set<std::string> false_ids;
  for (const auto& alert : alerts) {
    if (alert.transition() == "resolved") continue;
    const bool is_new = alert.transition() == "fired";
    if (is_new) ++out.fired;
    const bool is_true = std::any_of(out.incidents.begin(), out.incidents.end(), [&](const auto& incident) {
      return incident.label.is_alert_expected && belongs(alert, incident.label);
    });
    for (auto& incident : out.incidents) {
      // What an incident explains is not held against a launch at the same time.
      if (!belongs(alert, incident.label) || (is_true && !incident.label.is_alert_expected)) continue;
      if (incident.severity != "page") incident.severity = alert.severity();
      if (!is_new) continue;
      ++incident.alerts;
      if (incident.first != nullptr) continue;
      incident.first = &alert;
      incident.delay = time_of(alert.observed_at()) - incident.label.starts_at;
    }
    if (is_true || !is_new) continue;
    out.false_alerts.push_back(&alert);
    false_ids.insert(alert.incident_id());
  }
  out.false_incidents = false_ids.size();
  return out;
}

nlohmann::json to_json(const Assessment& assessment) {
  nlohmann::json out;
  out["expected"] = assessment.expected();
  out["found"] = assessment.found();
  out["recall"] = assessment.recall();
  out["precision"] = assessment.precision();
  out["alerts_fired"] = assessment.fired;
  out["false_alerts"] = assessment.false_alerts.size();
  out["false_incidents"] = assessment.false_incidents;
  out["incidents"] = nlohmann::json::array();
  for (const auto& incident : assessment.incidents) {
    nlohmann::json row;
    row["incident"] = incident.label.incident;
    row["kind"] = incident.label.kind;
    row["starts_at"] = rfc3339(incident.label.starts_at);
    row["ends_at"] = rfc3339(incident.label.ends_at);
    row["expect_alert"] = incident.label.is_alert_expected;
    row["alerts"] = incident.alerts;
    if (incident.first != nullptr) {
      row["delay_seconds"] = to_seconds(*incident.delay);
      row["severity"] = incident.severity;
      row["first_alert"] = incident.first->id();
      row["measure"] = incident.first->measure();
      row["why"] = incident.first->why();
    }
    out["incidents"].push_back(std::move(row));
  }
  return out;
}

std::string to_table(const Assessment& assessment) {
  std::string out = fmt::format("{:<24} {:<8} {:>8}  {:<8} {}\n", "incident", "found", "delay", "severity", "why");
  for (const auto& incident : assessment.incidents) {
    const bool is_found = incident.first != nullptr;
    const char* verdict =
        incident.label.is_alert_expected ? (is_found ? "yes" : "NO") : (is_found ? "ALERTED" : "quiet");
    out += fmt::format("{:<24} {:<8} {:>8}  {:<8} {}\n", incident.label.incident, verdict,
                       is_found ? minutes(*incident.delay) : "-", is_found ? incident.severity : "-",
                       is_found ? incident.first->why() : incident.label.why);
  }
  out += fmt::format("\n{} of {} incidents found; false alarms: {} alerts in {} incidents\n", assessment.found(),
                     assessment.expected(), assessment.false_alerts.size(), assessment.false_incidents);
  for (const v1::Alert* alert : assessment.false_alerts)
    out += fmt::format("  false: {} {}\n", rfc3339(time_of(alert->observed_at())), alert->why());
  return out;
}

}  // namespace tidewatch
