#include "app/alerts/false_alarm_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "detectors/detect/registry.h"
#include "stream/publish/timestamps.h"

namespace tidewatch {
namespace {

constexpr Duration kWeek = std::chrono::hours(24 * 7);

bool claims_chance(const v1::Alert& alert) {
  const auto detector = make_detector(alert.kind(), {});
  return detector && (*detector)->claims_chance();
}

}  // namespace

SpentBudget spent_budget(const AlertStore& store, const FalseAlarmBudget& budget, Timestamp now) {
  SpentBudget out;
  out.series = store.series;
  out.accepted = budget.per_week * static_cast<double>(store.series) / std::max(budget.per_series, 1.0);
  for (const v1::Alert& alert : store.alerts) {
    const Timestamp began = from_proto(alert.starts_at());
    if (!claims_chance(alert) || began > now || began < now - kWeek) continue;
    ++out.began;
    if (alert.mark().verdict() == "false")
      ++out.were_false;
    else if (alert.mark().verdict() == "true")
      ++out.were_true;
    else
      ++out.are_open;
  }
  return out;
}

std::string budget_text(const SpentBudget& spent, const FalseAlarmBudget& budget) {
  std::string out = fmt::format("accepted  {:.1f} false alarms a week: {:g} for each {:g} series, and {} are watched\n",
                                spent.accepted, budget.per_week, budget.per_series, spent.series);
  out += fmt::format("spent     {} of the {} alerts of the last 7 days were marked as false", spent.were_false,
                     spent.began);
  if (spent.accepted > 0)
    out += fmt::format(", {:.0f} % of the budget", 100 * static_cast<double>(spent.were_false) / spent.accepted);
  out += fmt::format("; {} as true\n", spent.were_true);
  if (spent.are_open > 0)
    out += fmt::format("unknown   {}: tidewatch alerts mark ID false (or true) says what they were\n", spent.are_open);
  return out;
}

std::string budget_json(const SpentBudget& spent) {
  return nlohmann::json{{"series", spent.series},         {"accepted", spent.accepted},   {"began", spent.began},
                        {"were_false", spent.were_false}, {"were_true", spent.were_true}, {"are_open", spent.are_open}}
             .dump() +
         "\n";
}

}  // namespace tidewatch
