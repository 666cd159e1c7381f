#pragma once

#include <optional>
#include <span>

#include "detectors/decide/cause/cause.h"
#include "detectors/decide/cause/clues.h"

namespace tidewatch {

/// What a clue adds to the logarithm (nats) of the odds of a cause.
struct ClueWeight {
  ClueKind clue;
  CauseKind cause;
  double nats;
};

/// The table; chosen on the tuning seeds of `./dev bench causes` (docs/causes.md).
std::span<const ClueWeight> clue_weights();

/// The logarithm of the odds of `unknown`: what a cause must beat.
inline constexpr double kUnknownNats = 2.0;

/// Which cause a new value of a label is.
std::optional<CauseKind> cause_of(Facet facet);

}  // namespace tidewatch
