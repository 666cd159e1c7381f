#include "app/series/series_time.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

int64_t nanos(std::string_view text) {
  const auto time = parse_series_time(text);
  EXPECT_TRUE(time.ok()) << text;
  return time ? time->time_since_epoch().count() : 0;
}

TEST(SeriesTime, IsReadInEveryFormToTheSameMoment) {
  constexpr int64_t kMoment = 1'772'692'200'000'000'000;  // 2026-03-05T06:30:00Z
  for (const char* text :
       {"2026-03-05T06:30:00Z", "2026-03-05t06:30:00+00:00", "2026-03-05T07:30:00+01:00", "2026-03-05 06:30:00",
        "2026-03-05 06:30", "2026-03-05T06:30", "2026-03-05 06:30:00.000000", "2026-03-05 07:30:00+01:00", "1772692200",
        "1772692200.0", "1.7726922e9", "1772692200000", "1772692200000000", "1772692200000000000"})
    EXPECT_EQ(nanos(text), kMoment) << text;
  EXPECT_EQ(nanos("2026-03-05 06:30:00.25") - kMoment, 250'000'000);
  EXPECT_NEAR(static_cast<double>(nanos("1772692200.25") - kMoment), 250e6, 1000) << "what a double can hold";
  EXPECT_EQ(nanos("2026-03-05"), kMoment - (6 * 60 + 30) * 60'000'000'000);
  EXPECT_EQ(nanos("-60"), -60'000'000'000);
}

TEST(SeriesTime, ThatIsNoneIsRefused) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-02-30 00:00:00", "06:30", "nan", "inf", "1e300",
                           "2026-03-05 06:30:00 PM", "9999-01-01", "2026-03-05T06:30:00Zx"})
    EXPECT_FALSE(parse_series_time(text).ok()) << text;
}

}  // namespace
}  // namespace tidewatch
