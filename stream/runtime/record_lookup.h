#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// Where a record lies.
struct RecordPosition {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;

  auto operator<=>(const RecordPosition&) const = default;
};

/// Records by their positions: texts stay in the input topic, and who needs one reads it there again. A stage may use
/// it although it reads no topic but its own: a record never changes, so what a stage does is still a function of its
/// input, as long as the record is kept.
class RecordLookup {
 public:
  using Take = std::function<void(const RecordPosition& at, std::string_view value)>;
  virtual ~RecordLookup() = default;

  /// Gives `take` the records that are still there. Pre: `positions` are sorted and distinct.
  /// Error: `broker_unavailable`; some may have been given by then.
  virtual Status read(std::span<const RecordPosition> positions, const Take& take) = 0;
};

}  // namespace tidewatch
