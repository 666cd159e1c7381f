#include "app/testset/run_reference.h"

#include <map>

#include "stream/assemble/combiner.h"
#include "stream/window/measures.h"

namespace tidewatch {
namespace {

/// Adds to the measure of this name, which tells its kind.
void add(ReferenceEntity& entity, MeasureCatalog& catalog, const std::string& measure, double value, double weight) {
  const auto id = catalog.find_or_derive(measure);
  if (!id) return;
  const MeasureInfo& info = catalog.info(*id);
  auto at = entity.measures.try_emplace(measure, Aggregate(info.kind, worst_end_of(info))).first;
  if (info.kind == MeasureKind::rate)
    at->second.add_trial(value > 0, weight);
  else
    at->second.add_value(value, weight);
}

}  // namespace

ReferenceEntities reference_of(const TestRun& run, const TestSet& set, const std::vector<EntityGroup>& groups,
                               const Labels& given) {
  std::map<std::string, const TestItem*> items;
  for (const TestItem& item : set.items) items.emplace(item.id, &item);
  MeasureCatalog catalog;
  ReferenceEntities out;
  for (const ItemRun& ran : run.items) {
    const auto found = items.find(ran.id);
    if (!ran.error.empty() || found == items.end() || !(found->second->weight > 0)) continue;
    const double weight = found->second->weight;
    Labels labels;
    labels.set("model", run.model);
    for (const auto& [name, value] : found->second->labels)
      if (name != "model") labels.set(name, value);
    for (const auto& [name, value] : given) labels.set(name, value);
    for (const EntityGroup& group : groups) {
      const std::string key = entity_key(group, labels);
      if (key.empty()) continue;
      ReferenceEntity& entity = out[key];
      for (const std::string& name : group)
        if (const std::string* value = labels.find(name)) entity.labels.set(name, *value);
      for (const auto& [name, verdict] : ran.verdicts) {
        if (verdict.passed) add(entity, catalog, "pass_" + name, *verdict.passed ? 1 : 0, weight);
        if (verdict.score) add(entity, catalog, "score_" + name, *verdict.score, weight);
      }
    }
  }
  return out;
}

}  // namespace tidewatch
