#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "detectors/core/measure.h"
#include "detectors/core/time.h"

namespace tidewatch {

class CategoryCounts;

/// Values that a measure can take, both ends included: a share lies in [0, 1], a duration in [0, inf).
struct Domain {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  double nearest(double value) const { return std::clamp(value, low, high); }
  bool is_bounded() const { return std::isfinite(low) && std::isfinite(high); }
};

/// One number seen in one window of one series, with what is known of its sampling error.
/// Missing data is `n == 0` (and value NaN): never zero.
struct Observation {
  MeasureKind kind = MeasureKind::distribution;
  double value = 0;      ///< rate in [0,1]; statistic of a distribution; total of a sum; number of distinct values
  double variance = 0;   ///< sampling variance of `value` (squared units of value); 0 where the kind's own law gives it
  double n = 0;          ///< effective number of observations behind it (weights: Kish's effective size)
  double successes = 0;  ///< rate only
  double trials = 0;     ///< rate only: effective, so value == successes / trials
  /// sum only: effective number of unit events, sum^2 / sum of squares; the value is this many events of mean size
  /// value / events. Unit contributions (requests) give exact counts.
  double events = 0;
  /// What is counted, of a composition; of a distribution, how many of its values fall into each class
  /// (sketch/value_classes.h), where the detector watches categories. The caller's, valid while the window is scored
  /// and learnt.
  const CategoryCounts* categories = nullptr;
  Domain domain{};  ///< of the measure: nothing outside of it is expected

  bool missing() const { return !(n > 0); }
};

/// Where in the week a window lies, in the local time of the series' calendar; the caller knows time zones.
struct SeasonSlot {
  unsigned hour = 0;     ///< 0..23, local
  unsigned weekday = 0;  ///< 0 = Monday .. 6 = Sunday
  bool holiday = false;  ///< like a Sunday until known better
};

/// How many observations of a series, and of its siblings, lie above a cut that was chosen from all of them together
/// (split() in sketch/split.h): where both are draws of one law, whatever it is, the four counts say nothing else.
struct Split {
  double own_above = 0;
  double own = 0;
  double others_above = 0;
  double others = 0;
};

/// What the siblings of a series showed in the same window, put together.
struct Siblings {
  Observation together;
  Split split;  ///< distributions only; rates have their counts
  bool missing() const { return together.missing(); }
};

/// What a detector scores: one observation per watched statistic (univariate: one), in a tumbling window.
struct Window {
  Timestamp start{};
  Duration width{};
  SeasonSlot season{};
  std::span<const Observation> observations;
  std::span<const Siblings> siblings{};  ///< one by observation; empty: it has none

  Timestamp end() const { return start + width; }
};

}  // namespace tidewatch
