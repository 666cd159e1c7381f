#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stream/window/measures.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {

/// Fills index, its interval and parts of a message from the measures it already has. Each measure with a weight in
/// measures.def is a part with a score from 0 (worst) to 100: shares count as they are (worse up: 1 - share), scores in
/// [0, 1] too; amounts without a scale of their own (seconds, retrieval scores) by their ratio to what is expected, not
/// above 1. The index is the weighted mean of the parts that could be judged; its interval comes from theirs, taken as
/// independent, and says nothing of parts that are missing.
void fill_quality_index(v1::QualityScore& score, const MeasureCatalog& catalog);

}  // namespace tidewatch
