#pragma once

#include <optional>

#include "stream/window/measures.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {

/// A number from 0 (worst) to 1, and how uncertain it is.
struct PartScore {
  double value = 0;
  double variance = 0;
};

/// What one measure of a window says of quality. Shares count as they are (worse up: 1 - share), scores in [0, 1] too;
/// amounts without a scale of their own (seconds, retrieval scores) by their ratio to what is expected, not above 1.
struct IndexPart {
  PartScore seen;                     ///< variance: of sampling; without data what is expected, and how far it varies
  std::optional<PartScore> expected;  ///< mean and variance over windows of this size in which nothing changed
  bool is_assumed = false;            ///< there is no data, so that what is expected stands for it
};

/// Nothing of a measure that says neither what it was nor what was expected.
std::optional<IndexPart> index_part(const MeasureInfo& info, const v1::MeasuredValue& measured);

}  // namespace tidewatch
