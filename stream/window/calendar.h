#pragma once

#include <memory>
#include <string>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// Hours and weekdays of one IANA time zone, daylight saving included: what seasons are learnt by. The zone's rules are
/// read once, when it is opened. Safe to share between threads.
class Calendar {
 public:
  /// Errors: `bad_time_zone`, for a name that the system's time zone database does not have.
  static Result<Calendar> open(const std::string& zone);

  SeasonSlot slot(Timestamp time) const;

 private:
  struct Zone;
  explicit Calendar(std::shared_ptr<const Zone> zone) : zone_(std::move(zone)) {}
  std::shared_ptr<const Zone> zone_;
};

}  // namespace tidewatch
