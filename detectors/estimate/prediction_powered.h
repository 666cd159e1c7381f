#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "detectors/core/result.h"
#include "detectors/estimate/interval.h"

namespace tidewatch {

/// An item that somebody whose word counts (a person, a trusted judge) has labelled.
struct LabelledItem {
  double label = 0;                 ///< what is to be estimated of all items: 0 or 1 for a rate
  double score = 0;                 ///< what the cheap check says of the same item, on any scale
  std::optional<double> inclusion;  ///< probability with which it was chosen; nothing: all had the same
};

/// The cheap check over every item, those that were labelled included.
struct ScoredItems {
  double count = 0;
  double mean = 0;  ///< of the scores
};

enum class Estimand : unsigned char {
  rate,  ///< labels in [0, 1]; the interval is Wilson's and stays within [0, 1]
  mean,  ///< any labels; Student's t
};

struct PredictionPowered {
  double value = 0;         ///< unbiased up to 1/n; a rate is taken to the nearest of [0, 1]
  double variance = 0;      ///< of `value`
  Interval interval;        ///< at the confidence asked for
  double labels_alone = 0;  ///< what the labels say without the scores (Hájek's weighted mean)
  Interval labels_alone_interval;
  double lambda = 0;  ///< how far the scores are believed: 0 not at all; of opposite sign when they point the other way
  double gain = 1;    ///< variance of the labels alone over that of `value`: so many times the labels would be needed
};

/// Estimates the mean of the labels over all items from few labels and a cheap score of every item, whatever the score
/// is worth: value = lambda · (mean score of all) + mean of (label − lambda · score) over the labelled. A score that is
/// biased, or wrong, makes the interval no less valid: it only gains less.
///
/// This is prediction-powered inference (Angelopoulos et al., Science 382, 2023) with the weight lambda that makes the
/// variance least (PPI++, Angelopoulos, Duchi & Zrnic, arXiv:2311.01453, section 6). There the labelled items stand
/// apart from the N scored ones; here they are among them, as traffic is, and the same estimate is the regression
/// estimator of survey sampling (Särndal, Swensson & Wretman 1992, section 6.4): lambda is theirs times (N + n) / N.
/// Items chosen with unequal probabilities, each for itself (Poisson sampling; bottom-k by hash comes close), are
/// weighted by 1 / probability. What is estimated is the process that made the items: its own chance is in the
/// variance.
///
/// Few labels: residuals are those of an estimate without the item (HC3), and the quantile is Student's with n − 2
/// degrees of freedom (n: Kish's effective number). A rate's interval is Wilson's with as many labels as would give the
/// same variance, after Korn & Graubard (1998): rates near 0 are covered where value ± t · error is not. A score that
/// says yes or no and was right each time has by that not shown that it always is: for such scores two residuals of one
/// half are added. Left over: rates and error rates of which fewer than about 3 are expected among the labels, where 95
/// % cover 87 % and more (tests/unit/detectors/estimate). A score that is nearly always the
/// same and now and then far from it lets a few of 50 labels decide on lambda: it may then cost (up to 1.4 times the
/// squared error of the labels alone were seen), with 200 labels no more.
///
/// Errors: `bad_estimate` for fewer than 3 labelled items (or effective ones), fewer scored than labelled, inclusion
/// probabilities outside (0, 1] or given for some items only, numbers that are not finite, labels outside [0, 1] for a
/// rate. pre: confidence in (0, 1)
Result<PredictionPowered> prediction_powered(std::span<const LabelledItem> labelled, const ScoredItems& all,
                                             Estimand estimand, double confidence = 0.95);

}  // namespace tidewatch
