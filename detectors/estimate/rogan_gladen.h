#pragma once

#include "detectors/core/result.h"
#include "detectors/estimate/interval.h"

namespace tidewatch {

/// Yes-or-no outcomes of a check: how many of how many.
struct Outcomes {
  double yes = 0;
  double of = 0;
};

struct CorrectedRate {
  double value = 0;        ///< in [0, 1]
  double uncorrected = 0;  ///< share that the check flags
  double sensitivity = 0;  ///< share of the true cases that it flags
  double specificity = 0;  ///< share of the others that it does not
  Interval interval;       ///< in [0, 1]
};

/// The rate behind the rate at which an imperfect check flags: (flagged + specificity − 1) / (sensitivity +
/// specificity − 1) (Rogan & Gladen, Am. J. Epidemiol. 107, 1978); interval by Lang & Reiczigel (Prev. Vet. Med. 113,
/// 2014), which takes the uncertainty of all three into account.
///
/// For a check whose errors were measured elsewhere, on cases and non-cases chosen as such. Where labels of a random
/// sample of the same items exist, prediction_powered() needs less to be true: here the check must err as often as it
/// did where it was measured.
///
/// Errors: `bad_estimate` for counts that are negative, not finite, above their total or of nothing, and for a check
/// that flags cases no more often than others (nothing can be told from it).
Result<CorrectedRate> rogan_gladen(const Outcomes& flagged, const Outcomes& flagged_of_cases,
                                   const Outcomes& flagged_of_others, double confidence = 0.95);

}  // namespace tidewatch
