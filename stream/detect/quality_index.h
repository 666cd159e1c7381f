#pragma once

#include "stream/window/measures.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {

/// Fills the index, its interval, its parts and its change from the measures that a message already has. Each measure
/// with a weight (measures.def, config key `quality`) is a part (index_part.h).
///
/// The index is the weighted mean of the parts; its interval comes from theirs, taken as independent. A part without
/// data that is usually there counts as expected, with the variance of what is expected: it widens the interval, moves
/// nothing, and is marked. Without data of any part there is no index.
///
/// The change is the index against what it would be were every part as expected: by part, and in all, with its 95 %
/// interval from what windows of this size vary when nothing changes. A change within that is noise. `requests_needed`
/// is the number of requests by window at which one of this size would be told from noise in four of five windows
/// (two-sided test at 5 %): the error of sampling shrinks with it, what windows differ by beyond that does not.
void fill_quality_index(v1::QualityScore& score, const MeasureCatalog& catalog);

}  // namespace tidewatch
