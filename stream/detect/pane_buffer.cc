#include "stream/detect/pane_buffer.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/assemble/combiner.h"
#include "stream/runtime/stage.h"
#include "stream/window/entity.h"

namespace tidewatch {
namespace {
constexpr std::string_view kShard = "shard";
}  // namespace

std::string PaneBuffer::other_key(std::string_view key, int32_t partition) {
  const auto of = parse_entity_key(key);
  TW_CHECK(of.ok(), "keys are checked when their records are read");
  EntityGroup group;
  Labels labels;
  for (const auto& [name, value] : *of) {
    group.push_back(name);
    labels.set(name, "other");
  }
  group.emplace_back(kShard);  // each partition has a rest of its own
  labels.set(kShard, fmt::format("{}", partition));
  return entity_key(group, labels);
}

bool PaneBuffer::is_other(std::string_view key) {
  const auto labels = parse_entity_key(key);
  return labels.ok() && labels->find(kShard) != nullptr;
}

Status PaneBuffer::add(std::string_view entity, const v1::Partial& partial, int64_t offset, int32_t partition) {
  const Timestamp start{Duration(partial.pane_start_unix_nano())};
  const auto [at, is_new] = panes_.try_emplace(start);
  Pane& pane = at->second;
  if (is_new) pane.first_offset = offset;
  pane.first_offset = std::min(pane.first_offset, offset);
  std::string key(entity);
  auto& entities = partial.plain() ? pane.plain : pane.entities;
  if (entities.size() >= max_entities_ && !entities.contains(key)) key = other_key(entity, partition);
  Cells& cells = entities[key];
  Status status = ok_status();
  for (const auto& measure : partial.measures()) {
    auto aggregate = Aggregate::deserialize(measure.aggregate());
    if (!aggregate) {
      status = Error{"bad_partial", fmt::format("{}: {}", measure.measure(), aggregate.error().message)};
      continue;
    }
    const auto id = catalog_->find_or_derive(measure.measure());
    if (!id || catalog_->info(*id).kind != aggregate->kind() ||
        worst_end_of(catalog_->info(*id)) != aggregate->worst_end()) {
      status = Error{"unknown_measure",
                     fmt::format("{}: not a measure of this config, or one of another kind; processes that share the "
                                 "work must share the config",
                                 measure.measure())};
      continue;
    }
    cells.merge(*id, *aggregate);
  }
  for (const auto& sighting : partial.sightings()) cells.merge(sighting);
  return status;
}

PaneBuffer::Pane PaneBuffer::take(Timestamp start) {
  auto node = panes_.extract(start);
  if (node.empty()) return {};
  Pane pane = std::move(node.mapped());
  for (auto* entities : {&pane.entities, &pane.plain}) {
    for (auto& [key, cells] : *entities) cells.drop_empty();
    std::erase_if(*entities, [](const auto& entry) { return entry.second.empty(); });
  }
  return pane;
}

int64_t PaneBuffer::oldest_offset() const {
  int64_t oldest = kNothingNeeded;
  for (const auto& [start, pane] : panes_) oldest = std::min(oldest, pane.first_offset);
  return oldest;
}

}  // namespace tidewatch
