#pragma once

#include <functional>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/ingest/feedback.h"

namespace tidewatch {

/// The event of our own that a topic carries (own_events.h).
struct OwnEvent {
  Result<Finding> (*from_json)(std::string_view);
  Result<Finding> (*from_protobuf)(std::string_view);
};

/// Takes a finding with id and time; an error makes it a bad item.
using TakeFinding = std::function<Status(const Finding&, Findings& out)>;

/// Finds the items of a message and reads each by its shape. Errors as of parse_feedback().
Result<Findings> read_findings(std::string_view payload, Timestamp append_time, const OwnEvent& own,
                               const TakeFinding& take);

}  // namespace tidewatch
