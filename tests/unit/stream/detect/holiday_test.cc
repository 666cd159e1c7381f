#include <gtest/gtest.h>

#include <random>

#include "stream/window/calendar.h"
#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

/// Requests of three working weeks in Oslo, half-hourly: many by day, few by night, half on free days, of which the
/// Wednesday of the fourth week is one.
std::vector<v1::Alert> alerts_of_four_weeks(bool is_holiday_written) {
  auto rule = quick_rule("requests", 30min);
  rule.settings = {{"half_life", "500"}};
  rule.direction = Direction::either;
  rule.min_effect_absolute = 0;
  auto options = quick_options({rule});
  options.score_window = 30min;
  options.false_alarms = {1, 100};
  options.time_zone = "Europe/Oslo";
  const auto calendar = Calendar::open(options.time_zone).value();
  const auto date_of = [](double minutes) {
    return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(minute(minutes) + 12h));
  };
  int first = 0;  // half hour at which a Monday begins there
  while (calendar.slot(minute(first * 30.0)).weekday != 0 || calendar.slot(minute(first * 30.0)).hour != 0) ++first;
  const int free_day = first + (21 + 2) * 48;
  if (is_holiday_written) options.holidays = {{date_of(free_day * 30.0), date_of(free_day * 30.0), false}};
  DetectRun run(options);
  std::mt19937_64 random(1);
  for (int i = first; i < first + 25 * 48; ++i) {
    const double m = i * 30.0;
    const SeasonSlot slot = calendar.slot(minute(m));
    const bool is_free = slot.weekday >= 5 || (i >= free_day && i < free_day + 48);
    const int usual = (slot.hour >= 8 && slot.hour < 20 ? 2000 : 600) / (is_free ? 2 : 1);
    run.feed(traffic(kShop, m, 0, usual + static_cast<int>(random() % 101) * usual / 1000));
    run.watermark(m + 30);
  }
  return run.alerts();
}

TEST(Holiday, InTheConfigIsNoAlarmWhereItWasOne) {
  const auto without = alerts_of_four_weeks(false);
  ASSERT_FALSE(without.empty());
  EXPECT_EQ(without[0].measure(), "requests");
  EXPECT_TRUE(alerts_of_four_weeks(true).empty());
}

}  // namespace
}  // namespace tidewatch
