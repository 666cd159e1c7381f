#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "stream/runtime/kafka_client.h"

namespace tidewatch::kafka {

/// Part of a partition: offsets in [from, to), `to` as of now with open transactions counted.
struct ReadRange {
  std::string topic;
  int32_t partition = 0;
  int64_t from = 0;
  int64_t to = 0;
};

/// A committed record; views live as long as the call. An empty value is a tombstone.
struct StoredRecord {
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::string_view key;
  std::string_view value;
};

/// Reads every committed record of the ranges; waits for transactions that are open in them, since whether their
/// records count is not known before they end.
/// Errors: `restore_stalled` when nothing came for `patience`, `stopped` when `stop` became true, `kafka_error`.
Status read_committed(const KafkaOptions& options, std::span<const ReadRange> ranges, Duration patience,
                      const std::atomic<bool>& stop, const std::function<void(const StoredRecord&)>& take);

}  // namespace tidewatch::kafka
