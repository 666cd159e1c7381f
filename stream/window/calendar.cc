#include "stream/window/calendar.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>

namespace tidewatch {

struct Calendar::Zone {
  const date::time_zone* rules;
};

Result<Calendar> Calendar::open(const std::string& zone) {
  try {
    return Calendar(std::make_shared<Zone>(Zone{date::locate_zone(zone)}));
  } catch (const std::exception&) {
    return Error{"bad_time_zone",
                 fmt::format("\"{}\" is not a time zone of this system; write a name like Europe/Oslo or UTC", zone)};
  }
}

SeasonSlot Calendar::slot(Timestamp time) const {
  const auto local = zone_->rules->to_local(std::chrono::floor<std::chrono::seconds>(time));
  const auto day = date::floor<date::days>(local);
  SeasonSlot out;
  out.hour = static_cast<unsigned>(std::chrono::duration_cast<std::chrono::hours>(local - day).count());
  out.weekday = date::weekday(day).iso_encoding() - 1;
  return out;
}

}  // namespace tidewatch
