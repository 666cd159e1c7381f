#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/backtest/comparison.h"
#include "app/backtest/estimate.h"
#include "app/backtest/scorecard.h"
#include "app/terminal_text.h"
#include "detectors/decide/wording.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using Kind = AlertDifference::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::appears:
      return "appears";
    case Kind::vanishes:
      return "vanishes";
    case Kind::moves:
      return "moves";
    case Kind::changes_severity:
      break;
  }
  return "severity";
}

std::string entity_of(const v1::Alert& alert) {
  const std::map<std::string, std::string> sorted(alert.labels().begin(), alert.labels().end());
  std::string out;
  for (const auto& [name, value] : sorted) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
  return one_line(out);
}

nlohmann::json json_of(const AlertEpisode& episode) {
  nlohmann::json out = {{"id", episode.fired->id()},
                        {"starts_at", rfc3339(episode.starts_at)},
                        {"observed_at", rfc3339(episode.observed_at)},
                        {"severity", episode.severity},
                        {"surprise", episode.fired->surprise()},
                        {"effect", episode.fired->effect()},
                        {"value", episode.fired->value()},
                        {"expected", episode.fired->expected()},
                        {"why", episode.fired->why()}};
  if (episode.resolved_at) out["resolved_at"] = rfc3339(*episode.resolved_at);
  return out;
}

/// "12 min later (14:05 -> 14:17 UTC)".
std::string shift_of(Timestamp before, Timestamp after) {
  const Duration by = after - before;
  return fmt::format("{} {} ({} -> {})", format_length(by), by > Duration::zero() ? "later" : "earlier",
                     format_time(before), format_time(after));
}

std::string change_of(const AlertDifference& difference) {
  if (!difference.before || !difference.after) {
    const AlertEpisode& episode = difference.before ? *difference.before : *difference.after;
    return fmt::format("{}, surprise {:.1f} bits", episode.severity, episode.fired->surprise());
  }
  const AlertEpisode& a = *difference.before;
  const AlertEpisode& b = *difference.after;
  std::string out;
  if (a.observed_at != b.observed_at)
    out = "decided " + shift_of(a.observed_at, b.observed_at);
  else if (a.starts_at != b.starts_at)
    out = "starts " + shift_of(a.starts_at, b.starts_at);
  if (a.severity != b.severity)
    out += fmt::format("{}severity {} -> {}", out.empty() ? "" : ", ", a.severity, b.severity);
  return out;
}

std::string delays_of(const Scorecard& card) {
  if (card.delays.empty()) return "-";
  return fmt::format("{} / {}", format_length(delay_quantile(card.delays, 0.5)),
                     format_length(delay_quantile(card.delays, 0.9)));
}

std::string per_week(const Assessment& assessment) {
  if (assessment.judged <= Duration::zero()) return "-";
  const Estimate rate = estimate_per_week(assessment.false_incidents, assessment.judged);
  return fmt::format("{:.1f} ({:.1f}-{:.1f})", rate.value, rate.low, rate.high);
}

std::string recall_of(const Assessment& assessment) {
  if (assessment.expected() == 0) return "-";
  return fmt::format("{}/{} = {:.0f} %", assessment.found(), assessment.expected(), 100 * assessment.recall());
}

}  // namespace

nlohmann::json to_json(const Comparison& comparison) {
  nlohmann::json out;
  out["alerts"] = comparison.before;
  out["alerts_of_other"] = comparison.after;
  out["same"] = comparison.same;
  out["config_differences"] = nlohmann::json::array();
  for (const auto& difference : comparison.config)
    out["config_differences"].push_back(
        {{"path", difference.path}, {"before", difference.before}, {"after", difference.after}});
  out["differences"] = nlohmann::json::array();
  for (const auto& difference : comparison.differences) {
    const v1::Alert& alert = difference.alert();
    nlohmann::json row = {{"change", name_of(difference.kind)}, {"rule", alert.rule()}, {"measure", alert.measure()}};
    row["labels"] = std::map<std::string, std::string>(alert.labels().begin(), alert.labels().end());
    if (difference.before) row["before"] = json_of(*difference.before);
    if (difference.after) row["after"] = json_of(*difference.after);
    row["reasons"] = nlohmann::json::array();
    for (const auto& reason : difference.reasons)
      row["reasons"].push_back({{"code", reason.code}, {"text", reason.text}});
    out["differences"].push_back(std::move(row));
  }
  return out;
}

std::string to_text(const Comparison& comparison) {
  std::map<Kind, size_t> counts;
  for (const auto& difference : comparison.differences) ++counts[difference.kind];
  std::string out = fmt::format(
      "{} alerts, {} under the other config: {} the same, {} appear, {} vanish, {} move, {} "
      "change severity\n",
      comparison.before, comparison.after, comparison.same, counts[Kind::appears], counts[Kind::vanishes],
      counts[Kind::moves], counts[Kind::changes_severity]);
  if (comparison.config.empty()) return out + "the configs decide alike: nothing that concerns alerts differs\n";
  for (const auto& difference : comparison.config) out += fmt::format("  {}\n", one_line(to_string(difference)));
  for (const auto& difference : comparison.differences) {
    const v1::Alert& alert = difference.alert();
    const AlertEpisode& episode = difference.before ? *difference.before : *difference.after;
    out += fmt::format("\n{:<8} {} {} on {}: {}\n", name_of(difference.kind), format_time(episode.observed_at, true),
                       one_line(alert.rule()), entity_of(alert), change_of(difference));
    for (const auto& reason : difference.reasons) out += fmt::format("         because {}\n", one_line(reason.text));
  }
  return out;
}

std::string to_table(const Assessment& before, const Assessment& after) {
  const Scorecard left = score(before);
  const Scorecard right = score(after);
  std::string out = fmt::format("{:<30} {:>20} {:>20}\n", "", "config", "other config");
  const auto row = [&](std::string_view name, const std::string& a, const std::string& b) {
    out += fmt::format("{:<30} {:>20} {:>20}\n", name, a, b);
  };
  row("recall", recall_of(before), recall_of(after));
  row("precision", fmt::format("{:.0f} %", 100 * before.precision()), fmt::format("{:.0f} %", 100 * after.precision()));
  row("alerts / false", fmt::format("{} / {}", before.fired, before.false_alerts.size()),
      fmt::format("{} / {}", after.fired, after.false_alerts.size()));
  row("false alarms a week (95 %)", per_week(before), per_week(after));
  row("delay median / 90 %", delays_of(left), delays_of(right));
  for (size_t i = 0; i < std::min(before.incidents.size(), after.incidents.size()); ++i) {
    const IncidentFound& a = before.incidents[i];
    const IncidentFound& b = after.incidents[i];
    const auto said = [](const IncidentFound& incident) {
      if (incident.first != nullptr) return std::string(incident.label.is_alert_expected ? "found" : "ALERTED");
      return std::string(incident.label.is_alert_expected ? "MISSED" : "quiet");
    };
    if (said(a) != said(b)) row("  " + one_line(a.label.incident), said(a), said(b));
  }
  return out;
}

}  // namespace tidewatch
