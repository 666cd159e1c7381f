#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "detectors/core/result.h"
#include "detectors/sketch/aggregate.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// What was seen of entities, by their key: labels, and aggregates by measure.
struct ReferenceEntity {
  Labels labels;
  std::map<std::string, Aggregate> measures;
};
using ReferenceEntities = std::map<std::string, ReferenceEntity>;

/// A line of v1.Reference by entity, in the order of their keys. Rates and distributions alone: how many requests a
/// test set has says nothing of production. How many lines were written; error: `write_failed`.
Result<uint64_t> write_reference_file(const ReferenceEntities& entities, const std::string& path);

}  // namespace tidewatch
