#include "stream/window/calendar.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

constexpr auto kMarch = year(2026) / 3;
constexpr auto kOctober = year(2026) / 10;

Calendar oslo(std::vector<Holiday> holidays = {}) { return Calendar::open("Europe/Oslo", std::move(holidays)).value(); }

TEST(Calendar, CountsHoursAndDaysOfItsZone) {
  const auto slot = oslo().slot(sys_days(kMarch / 8) + 23h + 30min);  // a Sunday in UTC
  EXPECT_EQ(slot.hour, 0);
  EXPECT_EQ(slot.weekday, 0);
  EXPECT_FALSE(slot.holiday);
}

TEST(Calendar, TheHourThatSpringLeavesOutDoesNotCome) {
  const auto calendar = oslo();
  // On 29 March clocks go from 02:00 to 03:00, which is at 01:00 UTC.
  EXPECT_EQ(calendar.slot(sys_days(kMarch / 29) + 59min).hour, 1);
  EXPECT_EQ(calendar.slot(sys_days(kMarch / 29) + 1h).hour, 3);
  for (Timestamp time = sys_days(kMarch / 28) + 23h; time < sys_days(kMarch / 29) + 22h; time += 5min) {
    EXPECT_NE(calendar.slot(time).hour, 2);
    EXPECT_EQ(calendar.slot(time).weekday, 6);
  }
}

TEST(Calendar, TheHourThatAutumnRepeatsIsTheSameHourTwice) {
  const auto calendar = oslo();
  // On 25 October clocks go from 03:00 back to 02:00, which is at 01:00 UTC.
  EXPECT_EQ(calendar.slot(sys_days(kOctober / 25) + 30min).hour, 2);
  EXPECT_EQ(calendar.slot(sys_days(kOctober / 25) + 1h + 30min).hour, 2);
  EXPECT_EQ(calendar.slot(sys_days(kOctober / 25) + 2h).hour, 3);
  int windows = 0;
  for (Timestamp time = sys_days(kOctober / 24) + 22h; calendar.slot(time).weekday == 6; time += 1h) ++windows;
  EXPECT_EQ(windows, 25);
}

TEST(Calendar, DaysAndMonthsBeginAtMidnightOfTheirZone) {
  const auto calendar = oslo();
  const auto hours_of = [](std::pair<Timestamp, Timestamp> span) { return (span.second - span.first) / 1h; };
  EXPECT_EQ(hours_of(calendar.day_of(sys_days(kMarch / 29) + 12h)), 23);
  EXPECT_EQ(hours_of(calendar.day_of(sys_days(kOctober / 25) + 12h)), 25);
  EXPECT_EQ(hours_of(calendar.day_of(sys_days(kMarch / 28) + 12h)), 24);
  EXPECT_EQ(calendar.day_of(sys_days(kMarch / 28) + 23h).first, sys_days(kMarch / 28) + 23h) << "a day begins its day";
  EXPECT_EQ(calendar.day_of(sys_days(kMarch / 28) + 23h - 1ns).second, sys_days(kMarch / 28) + 23h);
  EXPECT_EQ(hours_of(calendar.month_of(sys_days(kMarch / 15))), 31 * 24 - 1);
  EXPECT_EQ(calendar.month_of(sys_days(kMarch / 1) - 30min).first, sys_days(kMarch / 1) - 1h) << "it is March there";
  EXPECT_EQ(calendar.month_of(sys_days(year(2026) / 12 / 31)).second, sys_days(year(2026) / 12 / 31) + 23h);
  EXPECT_EQ(calendar.text(sys_days(kMarch / 29) + 1h, "%A %F %H:%M"), "Sunday 2026-03-29 03:00");
}

TEST(Calendar, NineOClockStaysNineOClockAcrossBothChanges) {
  const auto calendar = oslo();
  for (const auto day : {kMarch / 27, kOctober / 26}) EXPECT_EQ(calendar.slot(sys_days(day) + 8h).hour, 9);  // winter
  for (const auto day : {kMarch / 30, kOctober / 23}) EXPECT_EQ(calendar.slot(sys_days(day) + 7h).hour, 9);  // summer
}

TEST(Calendar, AHolidayIsADayOfTheZoneNotOfUtc) {
  const auto calendar = oslo({parse_holiday("2026-12-25").value()});
  const auto christmas = sys_days(year(2026) / 12 / 25);
  EXPECT_FALSE(calendar.slot(christmas - 1h - 1s).holiday);
  EXPECT_TRUE(calendar.slot(christmas - 1h).holiday);
  EXPECT_TRUE(calendar.slot(christmas + 23h - 1s).holiday);
  EXPECT_FALSE(calendar.slot(christmas + 23h).holiday);
  EXPECT_EQ(calendar.slot(christmas).weekday, 4) << "the weekday stays what it is";
}

TEST(Calendar, SpansHaveBothEndsAndYearlyDaysReturn) {
  const auto yearly = parse_holiday("05-17").value();
  const Holiday span{year(2026) / 12 / 28, year(2027) / 1 / 2, false};
  const auto calendar = oslo({yearly, span});
  const auto is_holiday = [&](std::chrono::year_month_day day) { return calendar.slot(sys_days(day) + 12h).holiday; };
  EXPECT_TRUE(is_holiday(year(2025) / 5 / 17));
  EXPECT_TRUE(is_holiday(year(2031) / 5 / 17));
  EXPECT_FALSE(is_holiday(year(2026) / 5 / 16));
  EXPECT_FALSE(is_holiday(year(2026) / 12 / 27));
  EXPECT_TRUE(is_holiday(year(2026) / 12 / 28));
  EXPECT_TRUE(is_holiday(year(2027) / 1 / 2));
  EXPECT_FALSE(is_holiday(year(2027) / 1 / 3));
  EXPECT_FALSE(is_holiday(year(2027) / 12 / 28)) << "a span is of its years";
}

TEST(Holiday, OnlyDaysThatThereAreCanBeRead) {
  for (const char* bad : {"", "2026-02-30", "2026-13-01", "2026-1-5", "25-12", "02-30", "2026-12-25T00:00",
                          "2026-12-25 ", "12-25-2026", "Christmas", "2026-12"})
    EXPECT_FALSE(parse_holiday(bad)) << bad;
  EXPECT_TRUE(parse_holiday("02-29")) << "in years that have it";
  EXPECT_EQ(first_day_text(parse_holiday("2026-12-25").value()), "2026-12-25");
  EXPECT_EQ(first_day_text(parse_holiday("02-29").value()), "02-29");
}

TEST(Calendar, AnUnknownZoneIsAnError) { EXPECT_EQ(Calendar::open("Europe/Olso").error().code, "bad_time_zone"); }

}  // namespace
}  // namespace tidewatch
