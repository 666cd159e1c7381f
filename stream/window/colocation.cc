#include "stream/window/colocation.h"

#include <algorithm>

#include "detectors/core/check.h"
#include "stream/rollout/rollout_key.h"

namespace tidewatch {
namespace {

bool has(const EntityGroup& group, std::string_view label) {
  return std::find(group.begin(), group.end(), label) != group.end();
}

}  // namespace

EntityGroup default_colocation() { return {"service", "endpoint"}; }

std::string colocation_key(const EntityGroup& colocate, std::string_view key) {
  if (is_rollout_key(key)) return std::string(rollout_placement(key));
  const auto labels = parse_entity_key(key);
  TW_CHECK(labels.ok(), "entity keys are made by entity_key()");
  EntityGroup shared;
  for (const auto& name : colocate)
    if (labels->find(name) != nullptr) shared.push_back(name);
  return shared.empty() ? std::string(key) : entity_key(shared, *labels);
}

std::string_view sibling_label(const EntityGroup& colocate, const EntityGroup& group) {
  if (std::none_of(group.begin(), group.end(), [&](const auto& label) { return has(colocate, label); })) return {};
  const auto last =
      std::find_if(group.rbegin(), group.rend(), [&](const auto& label) { return !has(colocate, label); });
  return last == group.rend() ? std::string_view() : std::string_view(*last);
}

}  // namespace tidewatch
