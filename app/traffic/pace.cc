#include "app/traffic/pace.h"

#include <algorithm>

namespace tidewatch {

Timestamp Pace::due(Timestamp message) const {
  switch (kind_) {
    case Kind::as_due:
      return message;
    case Kind::times_real:
      return begin_ +
             std::chrono::round<Duration>(std::chrono::duration<double>(to_seconds(message - first_) / speed_));
    case Kind::no_wait:
      break;
  }
  return kMinTimestamp;
}

Duration Pace::ahead(Timestamp message, Timestamp begin) const {
  return std::max(Duration::zero(), message - std::max(begin, due(message)));
}

}  // namespace tidewatch
