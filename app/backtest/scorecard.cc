#include "app/backtest/scorecard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "app/backtest/estimate.h"
#include "detectors/decide/wording.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

using NameOf = std::function<std::string(const v1::Alert&)>;

Duration delay_of(const v1::Alert& alert, const IncidentLabel& label) {
  const Timestamp decided{std::chrono::seconds(alert.observed_at().seconds()) +
                          std::chrono::nanoseconds(alert.observed_at().nanos())};
  return std::max(Duration::zero(), decided - label.starts_at);
}

void add_found(const IncidentFound& incident, const NameOf& name_of, std::map<std::string, AlertScore>& scores) {
  std::map<std::string, Duration> first;  // of each name
  for (const v1::Alert* alert : incident.fired) first.emplace(name_of(*alert), delay_of(*alert, incident.label));
  for (const auto& [name, delay] : first) {
    AlertScore& score = scores[name];
    ++score.found;
    score.delays.push_back(delay);
    if (delay <= *incident.delay) ++score.found_first;
    if (first.size() == 1) ++score.found_alone;
  }
}

/// An alert that fired in several incidents counts once.
std::vector<AlertScore> score_alerts(const Assessment& assessment, const NameOf& name_of) {
  std::map<std::string, AlertScore> scores;
  std::set<const v1::Alert*> seen;
  for (const IncidentFound& incident : assessment.incidents) {
    if (!incident.label.is_alert_expected) continue;
    add_found(incident, name_of, scores);
    for (const v1::Alert* alert : incident.fired)
      if (seen.insert(alert).second) ++scores[name_of(*alert)].alerts;
  }
  std::map<std::string, std::set<std::string>> false_ids;
  for (const v1::Alert* alert : assessment.false_alerts) {
    AlertScore& score = scores[name_of(*alert)];
    ++score.alerts;
    ++score.false_alerts;
    false_ids[name_of(*alert)].insert(alert->incident_id());
  }
  std::vector<AlertScore> out;
  for (auto& [name, score] : scores) {
    score.name = name;
    score.false_incidents = false_ids[name].size();
    std::sort(score.delays.begin(), score.delays.end());
    out.push_back(std::move(score));
  }
  return out;
}

std::vector<KindScore> score_kinds(const Assessment& assessment) {
  std::map<std::string, KindScore> scores;
  for (const IncidentFound& incident : assessment.incidents) {
    KindScore& score = scores[incident.label.kind.empty() ? "(none)" : incident.label.kind];
    if (!incident.label.is_alert_expected) {
      ++score.benign;
      if (incident.alerts > 0) ++score.benign_alerted;
      continue;
    }
    ++score.expected;
    if (incident.alerts == 0) continue;
    ++score.found;
    score.alerts += incident.alerts;
    score.delays.push_back(*incident.delay);
  }
  std::vector<KindScore> out;
  for (auto& [name, score] : scores) {
    score.name = name;
    std::sort(score.delays.begin(), score.delays.end());
    out.push_back(std::move(score));
  }
  return out;
}

nlohmann::json json_of(const Estimate& estimate) {
  nlohmann::json out = {{"value", estimate.value}, {"low", estimate.low}};
  if (std::isfinite(estimate.high)) out["high"] = estimate.high;
  return out;
}

nlohmann::json json_of(const std::vector<Duration>& delays) {
  if (delays.empty()) return nullptr;
  return {{"median", to_seconds(delay_quantile(delays, 0.5))}, {"p90", to_seconds(delay_quantile(delays, 0.9))}};
}

std::string delays_in_words(const std::vector<Duration>& delays) {
  if (delays.empty()) return "-";
  return fmt::format("{} / {}", format_length(delay_quantile(delays, 0.5)), format_length(delay_quantile(delays, 0.9)));
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

nlohmann::json json_of(const std::vector<AlertScore>& scores, const Scorecard& card) {
  nlohmann::json out = nlohmann::json::array();
  for (const AlertScore& score : scores) {
    nlohmann::json row = {{"name", score.name},
                          {"alerts", score.alerts},
                          {"false_alerts", score.false_alerts},
                          {"false_alarms", score.false_incidents},
                          {"precision", score.precision()},
                          {"found", score.found},
                          {"found_first", score.found_first},
                          {"found_alone", score.found_alone},
                          {"recall", json_of(estimate_share(score.found, card.expected))},
                          {"delay_seconds", json_of(score.delays)}};
    if (card.judged > Duration::zero())
      row["false_alarms_per_week"] = json_of(estimate_per_week(score.false_incidents, card.judged));
    out.push_back(std::move(row));
  }
  return out;
}

std::string table_of(std::string_view title, const std::vector<AlertScore>& scores, const Scorecard& card) {
  size_t width = title.size();
  for (const AlertScore& score : scores) width = std::max(width, score.name.size());
  std::string out =
      fmt::format("{:<{}}  {:>6}  {:>5}  {:>9}  {:>6}  {:>5}  {:>5}  {:>10}  {}\n", title, width, "alerts", "false",
                  "precision", "recall", "first", "alone", "false/week", "delay median / 90 %");
  for (const AlertScore& score : scores)
    out += fmt::format("{:<{}}  {:>6}  {:>5}  {:>9}  {:>6}  {:>5}  {:>5}  {:>10}  {}\n", score.name, width,
                       score.alerts, score.false_alerts, percent(score.precision()),
                       card.expected == 0 ? "-" : fmt::format("{}/{}", score.found, card.expected), score.found_first,
                       score.found_alone,
                       card.judged > Duration::zero()
                           ? fmt::format("{:.1f}", estimate_per_week(score.false_incidents, card.judged).value)
                           : "-",
                       delays_in_words(score.delays));
  return out;
}

}  // namespace

double AlertScore::precision() const {
  return alerts == 0 ? 1 : 1 - static_cast<double>(false_alerts) / static_cast<double>(alerts);
}

Duration delay_quantile(const std::vector<Duration>& delays, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(delays.size())));
  return delays[std::clamp<size_t>(rank, 1, delays.size()) - 1];
}

Scorecard score(const Assessment& assessment) {
  Scorecard out;
  out.rules = score_alerts(assessment, [](const v1::Alert& alert) { return alert.rule(); });
  out.detectors = score_alerts(assessment, [](const v1::Alert& alert) { return alert.kind(); });
  out.kinds = score_kinds(assessment);
  for (const KindScore& kind : out.kinds) out.delays.insert(out.delays.end(), kind.delays.begin(), kind.delays.end());
  std::sort(out.delays.begin(), out.delays.end());
  out.expected = assessment.expected();
  out.judged = assessment.judged;
  return out;
}

void add_json(const Scorecard& card, nlohmann::json& out) {
  out["delay_seconds"] = json_of(card.delays);
  out["by_rule"] = json_of(card.rules, card);
  out["by_detector"] = json_of(card.detectors, card);
  out["by_kind"] = nlohmann::json::array();
  for (const KindScore& score : card.kinds)
    out["by_kind"].push_back({{"name", score.name},
                              {"expected", score.expected},
                              {"found", score.found},
                              {"recall", json_of(estimate_share(score.found, score.expected))},
                              {"alerts", score.alerts},
                              {"extra_alerts", score.extra_alerts()},
                              {"benign", score.benign},
                              {"benign_alerted", score.benign_alerted},
                              {"delay_seconds", json_of(score.delays)}});
}

std::string to_table(const Scorecard& card) {
  std::string out;
  if (!card.rules.empty())
    out += table_of("rule", card.rules, card) + "\n" + table_of("detector", card.detectors, card) + "\n";
  if (card.kinds.empty()) return out;
  size_t width = 14;
  for (const KindScore& score : card.kinds) width = std::max(width, score.name.size());
  out += fmt::format("{:<{}}  {:>6}  {:>6}  {:>5}  {:>14}  {}\n", "incident kind", width, "recall", "alerts", "extra",
                     "benign alerted", "delay median / 90 %");
  for (const KindScore& score : card.kinds)
    out += fmt::format("{:<{}}  {:>6}  {:>6}  {:>5}  {:>14}  {}\n", score.name, width,
                       score.expected == 0 ? "-" : fmt::format("{}/{}", score.found, score.expected), score.alerts,
                       score.extra_alerts(),
                       score.benign == 0 ? "-" : fmt::format("{}/{}", score.benign_alerted, score.benign),
                       delays_in_words(score.delays));
  return out;
}

}  // namespace tidewatch
