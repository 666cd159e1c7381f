#pragma once

#include "detectors/baseline/baseline.h"
#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {

/// A baseline of five-minute windows.
struct Learner {
  BaselineParams params;
  Baseline baseline;
  size_t index = 0;

  SeasonSlot slot() const { return window_at(index, {}).season; }
  Prediction predict(const Observation& size_of) const { return baseline.predict(params, size_of, slot()); }
  bool pass(const Observation& seen, Lesson lesson = {}) {
    const bool has_adapted = baseline.learn(params, seen, slot(), kFiveMinutes, lesson);
    ++index;
    return has_adapted;
  }
};

}  // namespace tidewatch::testing
