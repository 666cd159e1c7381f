#pragma once

#include <optional>
#include <span>

#include "detectors/core/time.h"
#include "detectors/core/verdict.h"

namespace tidewatch {

/// A limit that a level comes to if it moves on as it did.
struct LimitAhead {
  double limit = 0;  ///< in the measure's units
  Duration in{};
  Duration earliest{};             ///< central 90 %
  std::optional<Duration> latest;  ///< none: it may move so little that it never comes there
};

/// The first of `limits` that lies ahead. `verdict`: of the detector `trend`, which moved from `expected` to `value` in
/// `moved_for`. The interval is that of its pace, whose standard error is what makes it as surprising as it is: the
/// surprise counts the search for the best beginning too, so that the interval is on the wide side. Empty: none lies
/// ahead within ten times as long as it has moved, or the pace is not known to differ from 0.
std::optional<LimitAhead> limit_ahead(const Verdict& verdict, Duration moved_for, std::span<const double> limits);

}  // namespace tidewatch
