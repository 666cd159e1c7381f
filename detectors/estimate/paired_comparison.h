#pragma once

#include <cstdint>
#include <span>

#include "detectors/core/result.h"
#include "detectors/estimate/interval.h"

namespace tidewatch {

/// The same items judged twice, yes or no: in how many the two runs agree and in how many only one says yes.
struct PairedOutcomes {
  uint64_t both = 0;
  uint64_t only_first = 0;
  uint64_t only_second = 0;
  uint64_t neither = 0;

  uint64_t items() const { return both + only_first + only_second + neither; }
};

/// How the second run differs from the first.
struct PairedDifference {
  double first = 0;   ///< rate or mean of the first run
  double second = 0;  ///< of the second
  double difference = 0;
  Interval interval;   ///< of the difference
  double p_value = 1;  ///< two-sided, of no difference
  /// Smallest difference that a comparison of this many items, as discordant or scattered as these are, finds in four
  /// of five times at the confidence asked for.
  double detectable = 0;
};

/// Rates. The interval is that of Bonett & Price (Psychol. Methods 17, 2012), the p-value McNemar's exact one with the
/// mid-p correction (Fagerland, Lydersen & Laake, BMC Med. Res. Methodol. 13:91, 2013), which both hold with few items;
/// `detectable` is Connor's (Biometrics 43, 1987), with one discordant item of each kind added to those seen.
/// Errors: `bad_estimate` without any item.
Result<PairedDifference> compare_rates(const PairedOutcomes& outcomes, double confidence = 0.95);

/// Scores, item by item: Student's t of the differences. Errors: `bad_estimate` unless both have the same two items or
/// more, all finite.
Result<PairedDifference> compare_scores(std::span<const double> first, std::span<const double> second,
                                        double confidence = 0.95);

}  // namespace tidewatch
