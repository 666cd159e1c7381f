#pragma once

#include <optional>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// Ends of a score's scale. min < max.
struct ScoreRange {
  double min = 0;
  double max = 1;
};

/// Where `value` lies in `range`, in [0, 1]. Errors: `bad_score` (not finite), `bad_range`, `score_out_of_range`.
Result<double> normalised(double value, const ScoreRange& range);

/// The scale that a score of this name is usually given on ("rating", "stars", "csat": 1 to 5; "nps": 0 to 10).
/// Names compare without case; '-' and ' ' are '_'.
std::optional<ScoreRange> usual_range(std::string_view name);

/// Whether a label says that the answer was good ("thumbs_up", "correct") or bad ("bad", "incorrect"); empty for any
/// other.
std::optional<bool> polarity_of_label(std::string_view label);

/// Whether a label is a yes or a no ("true", "n"); good or bad then depends on what was asked.
std::optional<bool> yes_or_no(std::string_view label);

/// Whether a high score or a yes under this name means a bad answer ("hallucination", "toxicity").
bool is_worse_when_high(std::string_view name);

}  // namespace tidewatch
