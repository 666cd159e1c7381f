#pragma once

#include <chrono>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/options.h"
#include "stream/window/entity.h"

namespace tidewatch {

struct SessionOptions {
  Duration pane = std::chrono::minutes(1);
  std::vector<EntityGroup> entities = default_entities();
  Duration gap = std::chrono::minutes(30);  ///< a session ends after so long a silence
  /// Sessions that go on for longer may be counted as two after a restart, so that a restart need not read them whole.
  Duration longest = std::chrono::hours(12);
  Duration rephrase_within = std::chrono::minutes(5);  ///< of the answer before, a question may be that question again
  int rephrase_distance = 17;  ///< bits in which fingerprints of a question and its rephrasing may differ, 0..64
};

}  // namespace tidewatch
