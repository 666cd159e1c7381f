#pragma once

#include <string>
#include <string_view>

#include "stream/window/entity.h"

namespace tidewatch {

/// Labels whose values decide where an entity is judged: entities that share them share a partition, and can be
/// compared with each other (docs/decisions/0004-relatives-share-a-partition.md).
EntityGroup default_colocation();

/// What of an entity's key decides its partition: its labels among `colocate`, in the order of `colocate`; the whole
/// key where it has none of them; of a rollout the rollout. Pre: `key` was made by entity_key() or rollout_key().
std::string colocation_key(const EntityGroup& colocate, std::string_view key);

/// The label in which siblings of an entity of `group` differ: the last one that is not among `colocate`. Empty where
/// entities of the group have no siblings in their partition: with all labels, or none, among `colocate`.
std::string_view sibling_label(const EntityGroup& colocate, const EntityGroup& group);

}  // namespace tidewatch
