#include "stream/window/calendar.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace tidewatch {

struct Calendar::Zone {
  const date::time_zone* rules;
};

Result<Calendar> Calendar::open(const std::string& zone, std::vector<Holiday> holidays) {
  try {
    return Calendar(std::make_shared<Zone>(Zone{date::locate_zone(zone)}), std::move(holidays));
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
  const std::chrono::year_month_day date(std::chrono::sys_days(day.time_since_epoch()));
  out.holiday = std::any_of(holidays_.begin(), holidays_.end(), [&](const Holiday& some) { return some.covers(date); });
  return out;
}

}  // namespace tidewatch
