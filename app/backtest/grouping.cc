#include "app/backtest/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

double ratio(size_t part, size_t whole, double otherwise) {
  return whole == 0 ? otherwise : static_cast<double>(part) / static_cast<double>(whole);
}

/// Of each alert the index of its labelled incident.
std::map<const v1::Alert*, size_t> owners(const Assessment& assessment) {
  std::map<const v1::Alert*, size_t> out;
  for (size_t i = 0; i < assessment.incidents.size(); ++i) {
    const IncidentFound& incident = assessment.incidents[i];
    if (!incident.label.is_alert_expected) continue;
    for (const v1::Alert* alert : incident.fired) {
      const auto [at, is_first] = out.emplace(alert, i);
      const auto starts = [&](size_t index) { return assessment.incidents[index].label.starts_at; };
      // They are in the order of their starts: a later one is nearer, unless it began after the alert.
      if (!is_first && starts(i) <= from_proto(alert->observed_at())) at->second = i;
    }
  }
  return out;
}

/// Of a table of counts: the largest of each row, summed.
template <typename Table>
size_t sum_of_largest(const Table& table) {
  size_t out = 0;
  for (const auto& [row, counts] : table) {
    size_t largest = 0;
    for (const auto& [column, count] : counts) largest = std::max(largest, count);
    out += largest;
  }
  return out;
}

}  // namespace

double GroupingScore::per_true_incident() const { return ratio(told, found, 0); }
double GroupingScore::purity() const { return ratio(in_majority, alerts, 1); }
double GroupingScore::completeness() const { return ratio(together, alerts, 1); }

GroupingScore score_grouping(const Assessment& assessment) {
  std::map<size_t, std::map<std::string, size_t>> by_label;
  std::map<std::string, std::map<size_t, size_t>> by_incident;
  GroupingScore out;
  for (const auto& [alert, label] : owners(assessment)) {
    ++by_label[label][alert->incident_id()];
    ++by_incident[alert->incident_id()][label];
    ++out.alerts;
  }
  out.found = by_label.size();
  for (const auto& [label, incidents] : by_label) out.told += incidents.size();
  out.in_majority = sum_of_largest(by_incident);
  out.together = sum_of_largest(by_label);
  return out;
}

nlohmann::json to_json(const GroupingScore& score) {
  return {{"incidents_per_true_incident", score.per_true_incident()},
          {"purity", score.purity()},
          {"completeness", score.completeness()},
          {"alerts", score.alerts},
          {"found", score.found},
          {"told", score.told}};
}

std::string to_text(const GroupingScore& score) {
  if (score.alerts == 0) return {};
  return fmt::format(
      "{} incidents told for {} that were found ({:.2f} each); of {} alerts {:.0f} % share theirs with their own "
      "problem's majority (purity), {:.0f} % are where most of their problem's are (completeness)\n",
      score.told, score.found, score.per_true_incident(), score.alerts, 100 * score.purity(),
      100 * score.completeness());
}

}  // namespace tidewatch
