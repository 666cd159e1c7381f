#include "stream/window/holiday.h"

#include <date/date.h>
#include <fmt/format.h>

#include <optional>
#include <sstream>

namespace tidewatch {
namespace {

constexpr int kAnyLeapYear = 2000;  // so that 29 February is a day of every year that has one

/// Nothing for what is not exactly as it would be written: `2026-1-5`, `2026-02-30`, `2026-12-25T00:00`.
template <typename Date>
std::optional<Date> parse_exactly(std::string_view text, const char* format) {
  std::istringstream in{std::string(text)};
  Date out{};
  if (!date::from_stream(in, format, out) || !out.ok()) return std::nullopt;
  return date::format(format, out) == text ? std::optional(out) : std::nullopt;
}

std::chrono::year_month_day day_of(int year, date::month month, date::day day) {
  return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
          std::chrono::day(static_cast<unsigned>(day))};
}

std::string text_of(const std::chrono::year_month_day& day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

}  // namespace

bool Holiday::covers(const std::chrono::year_month_day& day) const {
  if (is_yearly) return day.month() == first.month() && day.day() == first.day();
  return first <= day && day <= last;
}

Result<Holiday> parse_holiday(std::string_view text) {
  if (const auto once = parse_exactly<date::year_month_day>(text, "%Y-%m-%d")) {
    const auto day = day_of(static_cast<int>(once->year()), once->month(), once->day());
    return Holiday{day, day, false};
  }
  if (const auto yearly = parse_exactly<date::month_day>(text, "%m-%d")) {
    const auto day = day_of(kAnyLeapYear, yearly->month(), yearly->day());
    return Holiday{day, day, true};
  }
  return Error{"bad_value", "is no day; write year-month-day, as in 2026-12-25, or 12-25 for every year"};
}

std::string first_day_text(const Holiday& holiday) {
  return holiday.is_yearly ? text_of(holiday.first).substr(5) : text_of(holiday.first);
}
std::string last_day_text(const Holiday& holiday) {
  return holiday.is_yearly ? first_day_text(holiday) : text_of(holiday.last);
}

}  // namespace tidewatch
