#pragma once

#include <cstddef>
#include <span>

namespace tidewatch {

/// What became of items that were measured twice.
struct PairedChange {
  size_t higher = 0;
  size_t lower = 0;
  size_t same = 0;
  double mean = 0;     ///< of after − before, all items; 0 for none
  double p_value = 1;  ///< probability of so lopsided a split, to either side, if higher and lower were equally likely
};

/// Exact sign test (Arbuthnot 1710; Dixon & Mood, JASA 41, 1946): of paired differences only their signs count, so that
/// nothing is assumed of how they are spread. Differences up to `tolerance` are none. pre: as many after as before
PairedChange paired_change(std::span<const double> before, std::span<const double> after, double tolerance = 1e-9);

}  // namespace tidewatch
