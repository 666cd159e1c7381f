#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/custom_measure.h"

namespace tidewatch {

/// Requests that are looked at more closely than others.
struct SamplingTarget {
  std::string name;
  std::vector<Matcher> where;  ///< all must hold, of the request as a whole (stream/assemble/facts.h)
  double rate = 1;             ///< share of them that is evaluated, (0, 1]
};

/// Which requests are chosen for evaluation. A request is chosen with the largest of the rates that apply to it; of
/// each stratum at least `minimum_per_hour` are, or all there are.
struct SamplingOptions {
  double random = 0;                ///< share of all requests, [0, 1]
  std::vector<std::string> strata;  ///< labels, each combination of whose values is a stratum; none: all are one
  double minimum_per_hour = 0;      ///< of each stratum
  std::vector<SamplingTarget> targets;
  Duration period = std::chrono::minutes(10);  ///< tumbling event-time interval that is chosen from at a time
  double budget_per_hour = 0;                  ///< evaluations, of all strata together; 0: no limit

  bool is_on() const { return random > 0 || minimum_per_hour > 0 || !targets.empty(); }
  /// Of each stratum in a period: at least so many. A part of one counts as one.
  size_t minimum() const;
  size_t budget() const;  ///< of a period, at least 1; pre: budget_per_hour > 0
};

}  // namespace tidewatch
