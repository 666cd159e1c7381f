#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/backtest/assessment.h"
#include "app/backtest/causes.h"
#include "app/backtest/estimate.h"
#include "app/backtest/grouping.h"
#include "app/backtest/scorecard.h"
#include "app/terminal_text.h"
#include "detectors/decide/wording.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

std::string minutes(Duration duration) { return fmt::format("{:.0f} min", to_seconds(duration) / 60); }

bool is_labelled_measure(const IncidentFound& incident) {
  const auto& names = incident.label.measures;
  return std::any_of(incident.fired.begin(), incident.fired.end(), [&](const v1::Alert* alert) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return alert->measure() == name || alert->measure().starts_with(name + "_p");
    });
  });
}

nlohmann::json json_of(const IncidentFound& incident) {
  nlohmann::json row;
  row["incident"] = incident.label.incident;
  row["kind"] = incident.label.kind;
  row["starts_at"] = rfc3339(incident.label.starts_at);
  row["ends_at"] = rfc3339(incident.label.ends_at);
  row["expect_alert"] = incident.label.is_alert_expected;
  row["alerts"] = incident.alerts;
  if (incident.first == nullptr) return row;
  row["delay_seconds"] = to_seconds(*incident.delay);
  row["severity"] = incident.severity;
  row["first_alert"] = incident.first->id();
  row["rule"] = incident.first->rule();
  row["measure"] = incident.first->measure();
  row["why"] = incident.first->why();
  if (const v1::AlertCause* cause = named_cause(incident)) {
    row["cause"] = cause->kind();
    row["cause_confidence"] = cause->confidence();
    row["cause_why"] = cause->why();
  }
  if (!incident.label.measures.empty()) row["found_by_labelled_measure"] = is_labelled_measure(incident);
  return row;
}

std::string incidents_table(const Assessment& assessment) {
  std::string out = fmt::format("{:<24} {:<8} {:>8} {:>6}  {:<8} {:<10} {}\n", "incident", "found", "delay", "alerts",
                                "severity", "cause", "why");
  for (const auto& incident : assessment.incidents) {
    const bool is_found = incident.first != nullptr;
    const char* verdict =
        incident.label.is_alert_expected ? (is_found ? "yes" : "NO") : (is_found ? "ALERTED" : "quiet");
    const v1::AlertCause* cause = named_cause(incident);
    out += fmt::format("{:<24} {:<8} {:>8} {:>6}  {:<8} {:<10} {}\n", one_line(incident.label.incident), verdict,
                       is_found ? minutes(*incident.delay) : "-", incident.alerts, is_found ? incident.severity : "-",
                       cause != nullptr ? cause->kind() : "-",
                       one_line(is_found ? incident.first->why() : incident.label.why));
  }
  return out;
}

std::string totals(const Assessment& assessment) {
  const Estimate recall = estimate_share(assessment.found(), assessment.expected());
  std::string out = fmt::format("{} of {} incidents found", assessment.found(), assessment.expected());
  if (assessment.expected() > 0)
    out += fmt::format(" (recall {:.0f} %; 95 % interval {:.0f}-{:.0f} %)", 100 * recall.value, 100 * recall.low,
                       100 * recall.high);
  const size_t is_true = assessment.fired - assessment.false_alerts.size();
  out += fmt::format(", {} of {} alerts belong to one", is_true, assessment.fired);
  if (assessment.fired > 0) out += fmt::format(" (precision {:.0f} %)", 100 * assessment.precision());
  out += fmt::format("\nfalse alarms: {} alerts in {} incidents", assessment.false_alerts.size(),
                     assessment.false_incidents);
  if (assessment.judged > Duration::zero()) {
    const Estimate rate = estimate_per_week(assessment.false_incidents, assessment.judged);
    out += fmt::format(" in {} of judged time: {:.1f} a week (95 % interval {:.1f}-{:.1f})",
                       format_length(assessment.judged), rate.value, rate.low, rate.high);
  }
  return out + "\n";
}

}  // namespace

nlohmann::json to_json(const Assessment& assessment) {
  nlohmann::json out;
  out["expected"] = assessment.expected();
  out["found"] = assessment.found();
  const Estimate recall = estimate_share(assessment.found(), assessment.expected());
  out["recall"] = assessment.recall();
  out["recall_low"] = recall.low;
  out["recall_high"] = recall.high;
  out["precision"] = assessment.precision();
  out["alerts_fired"] = assessment.fired;
  out["false_alerts"] = assessment.false_alerts.size();
  out["false_incidents"] = assessment.false_incidents;
  if (assessment.judged > Duration::zero()) {
    const Estimate rate = estimate_per_week(assessment.false_incidents, assessment.judged);
    out["judged_seconds"] = to_seconds(assessment.judged);
    out["false_alarms_per_week"] = rate.value;
    out["false_alarms_per_week_low"] = rate.low;
    out["false_alarms_per_week_high"] = rate.high;
  }
  out["incidents"] = nlohmann::json::array();
  for (const auto& incident : assessment.incidents) out["incidents"].push_back(json_of(incident));
  out["grouping"] = to_json(score_grouping(assessment));
  add_json(score(assessment), out);
  if (const CauseScore causes = score_causes(assessment); causes.incidents() > 0) out["causes"] = to_json(causes);
  return out;
}

std::string to_table(const Assessment& assessment) {
  std::string out = incidents_table(assessment);
  out += "\n" + to_table(score(assessment)) + "\n" + totals(assessment) + to_text(score_grouping(assessment));
  if (const std::string causes = to_table(score_causes(assessment)); !causes.empty()) out += "\n" + causes + "\n";
  for (const v1::Alert* alert : assessment.false_alerts) {
    const Timestamp decided{std::chrono::seconds(alert->observed_at().seconds())};
    out += fmt::format("  false: {} {}: {}\n", rfc3339(decided), one_line(alert->rule()), one_line(alert->why()));
  }
  return out;
}

}  // namespace tidewatch
