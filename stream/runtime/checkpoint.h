#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// What a consumer group's committed offset says of a task: the offset itself is what was processed through, so every
/// lag tool tells the truth; the rest travels as the commit's metadata.
struct Checkpoint {
  int64_t processed_through = 0;        ///< next input offset to process
  int64_t needed_from = 0;              ///< oldest input offset the short-lived state depends on; <= processed_through
  int64_t progress_from = 0;            ///< offset in the progress topic at or before the first entry needed
  Timestamp watermark = kMinTimestamp;  ///< last one applied

  std::string metadata() const;
  /// Errors: `bad_checkpoint` when the metadata is not ours or of a newer version. Empty metadata (offsets reset by a
  /// tool) is a checkpoint that needs nothing before the offset.
  static Result<Checkpoint> parse(int64_t committed_offset, std::string_view metadata);
};

}  // namespace tidewatch
