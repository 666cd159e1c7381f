#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "detectors/core/time.h"
#include "detectors/sketch/exemplar.h"
#include "stream/window/entity.h"
#include "tidewatch/v1/turn.pb.h"

namespace tidewatch {

/// A request as a step of its session.
struct Step {
  std::string trace_id;
  Timestamp start{};
  Timestamp end{};
  Labels labels;
  Exemplar exemplar;
  std::optional<uint64_t> fingerprint;  ///< of the question's words
  std::optional<uint64_t> content;      ///< of its content words
  uint64_t numbers = 0;                 ///< in it, bits by their hashes; 0: none
  bool is_refused = false;
  /// The answer gave the user nothing, or not all: failed, refused, hedged, empty or cut off.
  bool is_poor = false;
};

Step step_of(const v1::Turn& turn);

}  // namespace tidewatch
