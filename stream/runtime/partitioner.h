#pragma once

#include <cstdint>
#include <string_view>

#include "stream/runtime/topology.h"

namespace tidewatch {

/// Partition of a key in an internal topic of `partitions` partitions (XXH3 modulo). Part of the stored format: the
/// state of an entity lies in the partition its partials go to.
int32_t partition_of(std::string_view key, int32_t partitions);

/// Partition of a record that a stage writes to `stream`: of its key, or of what the stage says decides
/// (Downstream::placement).
int32_t partition_of(const StageSpec& stage, Stream stream, std::string_view key, int32_t partitions);

}  // namespace tidewatch
