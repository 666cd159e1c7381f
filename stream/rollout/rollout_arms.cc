#include "stream/rollout/rollout_arms.h"

#include <algorithm>

#include "detectors/sketch/distinct.h"
#include "stream/evaluate/validators/rule.h"
#include "stream/rollout/rollout_key.h"

namespace tidewatch {

RolloutArms::RolloutArms(const std::vector<RolloutRule>& rules, MeasureCatalog& catalog) {
  for (const RolloutRule& rule : rules) {
    Compiled& made = rollouts_.emplace_back(Compiled{rule, {m_requests}, {}});
    for (const auto& guard : rule.guards)
      if (const auto watched = resolve_watched(catalog, guard.measure)) made.measures.push_back(watched->measure);
    for (const Arm arm : {Arm::control, Arm::treatment})
      for (size_t group = 0; group < kRandomGroups; ++group)
        made.keys.push_back(rollout_key(RolloutKey{rule.name, arm, group}));
  }
}

void RolloutArms::for_each(const Labels& labels, std::string_view trace_id,
                           const std::function<void(const Place&)>& visit) const {
  for (const Compiled& one : rollouts_) {
    const std::string_view value = labels.get(one.rule.label);
    const bool is_treatment = value == one.rule.treatment;
    if (!is_treatment && value != one.rule.control) continue;
    if (!one.rule.where.empty() && !applies_to(one.rule.where, {labels.begin(), labels.end()})) continue;
    std::string_view unit = trace_id;
    for (const auto& name : one.rule.units)
      if (const auto found = labels.get(name); !found.empty()) {
        unit = found;
        break;
      }
    if (unit.empty()) continue;
    const size_t group = hash_key(unit) % kRandomGroups;
    visit({one.keys[(is_treatment ? kRandomGroups : 0) + group], one.measures});
  }
}

bool RolloutArms::knows(std::string_view rollout) const {
  return std::any_of(rollouts_.begin(), rollouts_.end(), [&](const Compiled& one) { return one.rule.name == rollout; });
}

}  // namespace tidewatch
