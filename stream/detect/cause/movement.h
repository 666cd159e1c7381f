#pragma once

#include <optional>
#include <vector>

#include "detectors/decide/cause/evidence.h"
#include "stream/detect/cause/cause_measures.h"
#include "stream/detect/cause/recent_past.h"

namespace tidewatch {

/// A past cut in two at one time.
struct SplitPast {
  Timestamp at{};
  Stretch before;
  Stretch since;
};
/// At each time at which something may have begun, the latest first.
std::vector<SplitPast> splits_of(const RecentPast& past);

/// How far a level moved, at the time where it moved most clearly against the sampling error. Nothing where it was not
/// seen both before and since.
std::optional<Movement> movement_of(const CauseMeasure& row, const MeasureInfo& info,
                                    const std::vector<SplitPast>& splits);

/// The same of the shares of a label's values.
std::optional<Mix> movement_of(const CauseLabel& row, const std::vector<SplitPast>& splits);

/// Windows vary by more than their sampling: users, hours and sessions do. Variances of means are taken so many times.
inline constexpr double kDispersion = 1.5;
/// Requests of a session come from one user in one language.
inline constexpr double kSessionSize = 3;

}  // namespace tidewatch
