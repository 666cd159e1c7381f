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

namespace {

Timestamp start_of(date::local_days day, const date::time_zone& zone) {
  return zone.to_sys(date::local_seconds(day), date::choose::earliest);
}

date::local_days day_at(Timestamp time, const date::time_zone& zone) {
  return date::floor<date::days>(zone.to_local(std::chrono::floor<std::chrono::seconds>(time)));
}

}  // namespace

std::pair<Timestamp, Timestamp> Calendar::day_of(Timestamp time) const {
  const auto day = day_at(time, *zone_->rules);
  return {start_of(day, *zone_->rules), start_of(day + date::days(1), *zone_->rules)};
}

std::pair<Timestamp, Timestamp> Calendar::month_of(Timestamp time) const {
  const date::year_month_day day(day_at(time, *zone_->rules));
  const auto first = [&](date::year_month month) {
    return start_of(date::local_days(month / date::day(1)), *zone_->rules);
  };
  const date::year_month month = day.year() / day.month();
  return {first(month), first(month + date::months(1))};
}

std::string Calendar::text(Timestamp time, const char* format) const {
  return date::format(format, zone_->rules->to_local(std::chrono::floor<std::chrono::seconds>(time)));
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
