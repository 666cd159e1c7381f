#include "stream/runtime/partitioner.h"

#include <xxhash.h>

#include "detectors/core/check.h"

namespace tidewatch {

int32_t partition_of(std::string_view key, int32_t partitions) {
  TW_CHECK(partitions > 0, "a topic has at least one partition");
  return static_cast<int32_t>(XXH3_64bits(key.data(), key.size()) % static_cast<uint64_t>(partitions));
}

int32_t partition_of(const StageSpec& stage, Stream stream, std::string_view key, int32_t partitions) {
  const Downstream* to = stage.downstream_to(stream);
  if (to == nullptr || !to->placement) return partition_of(key, partitions);
  return partition_of(to->placement(key), partitions);
}

}  // namespace tidewatch
