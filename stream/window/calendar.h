#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "detectors/core/window.h"
#include "stream/window/holiday.h"

namespace tidewatch {

/// Hours, weekdays and holidays of one IANA time zone, daylight saving included: what seasons are learnt by. They are
/// those of people's clocks: the hour that autumn repeats is the same hour of the day twice, and the one that spring
/// leaves out does not come. The zone's rules are read once, when it is opened. Safe to share between threads.
class Calendar {
 public:
  /// Errors: `bad_time_zone`, for a name that the system's time zone database does not have.
  static Result<Calendar> open(const std::string& zone, std::vector<Holiday> holidays = {});

  SeasonSlot slot(Timestamp time) const;
  /// The day or month that `time` is in, from its first moment to that of the next: 23 to 25 hours where clocks change.
  std::pair<Timestamp, Timestamp> day_of(Timestamp time) const;
  std::pair<Timestamp, Timestamp> month_of(Timestamp time) const;
  /// As people's clocks show it, by a format of strftime: "%A %H:%M".
  std::string text(Timestamp time, const char* format) const;

 private:
  struct Zone;
  Calendar(std::shared_ptr<const Zone> zone, std::vector<Holiday> holidays)
      : zone_(std::move(zone)), holidays_(std::move(holidays)) {}
  std::shared_ptr<const Zone> zone_;
  std::vector<Holiday> holidays_;
};

}  // namespace tidewatch
