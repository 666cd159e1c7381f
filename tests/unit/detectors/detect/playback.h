#pragma once

#include <memory>
#include <string_view>

#include "detectors/detect/registry.h"
#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {

/// One false alarm by week and 100 series of five-minute windows.
inline constexpr double kAlertBits = 17.6;

/// Plays windows of five minutes through a detector of one observation, as the engine does: score, decide, learn.
struct Playback {
  std::unique_ptr<Detector> detector;
  size_t index = 0;

  explicit Playback(const DetectorSettings& settings = {}, std::string_view name = "point")
      : detector(make_detector(name, settings).value()) {}
  Verdict look(const Observation& seen, Direction direction = Direction::either) const {
    return detector->score(window_at(index, {&seen, 1}), {.direction = direction});
  }
  Verdict pass(const Observation& seen, Direction direction = Direction::either) {
    const Verdict verdict = look(seen, direction);
    detector->learn(window_at(index++, {&seen, 1}),
                    {.anomalous = verdict.judgement == Judgement::scored && verdict.surprise >= kAlertBits});
    return verdict;
  }
};

}  // namespace tidewatch::testing
