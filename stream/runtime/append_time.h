#pragma once

#include <algorithm>
#include <optional>

#include "detectors/core/time.h"
#include "stream/runtime/kafka_options.h"

namespace tidewatch::kafka {

/// When a record was appended, as far as `stamp` can be believed; kMinTimestamp: not known. Unless a topic has
/// message.timestamp.type=LogAppendTime its records carry their producer's clock, and one that is ahead would take
/// event time with it and make everybody else late: no record was appended later than it is read, at `now`. Where the
/// data alone say what time it is (IdlePolicy::hold), the stamp stands.
inline Timestamp believed_append_time(std::optional<Timestamp> stamp, Timestamp now, IdlePolicy policy) {
  if (policy == IdlePolicy::hold) return stamp.value_or(kMinTimestamp);
  return std::min(stamp.value_or(now), now);
}

}  // namespace tidewatch::kafka
