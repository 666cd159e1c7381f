#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/core/interval.h"
#include "detectors/core/result.h"

namespace tidewatch {

/// An item that two raters put into one of the same categories, numbered from 0.
struct RatedTwice {
  size_t first = 0;
  size_t second = 0;
  double weight = 1;  ///< 1 / probability with which the item was chosen
};

/// How much two categories that differ agree.
enum class AgreementWeights : uint8_t {
  none,       ///< not at all: names
  quadratic,  ///< 1 − (distance / largest distance)²: ordered categories, as scores from 1 to 5
};

struct Agreement {
  double observed = 0;  ///< share of items that agree, weighted
  double expected = 0;  ///< the same by chance, of raters with these marginals
  double kappa = 0;     ///< (observed − expected) / (1 − expected): 1 always, 0 as by chance, below it less
  double error = 0;     ///< standard error of kappa
  Interval interval;
  /// Weights of the items by [category of the first][category of the second].
  std::vector<std::vector<double>> confusion;
};

/// Cohen's kappa (Educ. Psychol. Meas. 20, 1960) or weighted kappa (Psychol. Bull. 70, 1968), with the large-sample
/// standard error of Fleiss, Cohen & Everitt (Psychol. Bull. 72, 1969), here for items of unequal weights: the mean
/// square of their influence. Where hardly any item disagrees that error is too small, so that the lower end is also
/// not above what Wilson's interval of the disagreement allows.
///
/// Kappa falls when nearly all items are of one category, however good the raters are: read it beside the confusion.
///
/// Errors: `bad_estimate` for fewer than 2 items, a category that is not below `categories`, weights that are not
/// positive and finite, and where each rater only ever names one and the same category (kappa is 0/0).
/// pre: confidence in (0, 1), categories >= 2
Result<Agreement> cohens_kappa(std::span<const RatedTwice> items, size_t categories, AgreementWeights weights,
                               double confidence = 0.95);

}  // namespace tidewatch
