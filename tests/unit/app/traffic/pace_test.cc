#include "app/traffic/pace.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{std::chrono::hours(490'000)};

TEST(Pace, AsDueSendsEachMessageAtItsTime) {
  EXPECT_EQ(Pace::as_due().due(kNow - 3h), kNow - 3h);
  EXPECT_EQ(Pace::as_due().due(kNow + 3h), kNow + 3h);
  EXPECT_EQ(Pace::as_due().ahead(kNow + 3h, kNow), 0s);
}

TEST(Pace, OfManyTimesRealTimeCountsFromTheFirstMessage) {
  const Pace pace = Pace::times_real(60, kNow - 24h, kNow);
  EXPECT_EQ(pace.due(kNow - 24h), kNow);
  EXPECT_EQ(pace.due(kNow - 23h), kNow + 1min);
  EXPECT_EQ(Pace::times_real(0.5, kNow, kNow).due(kNow + 1h), kNow + 2h);
}

TEST(Pace, RunsAheadOfTheClockWhenItIsFasterThanTheTrafficIsOld) {
  const Pace pace = Pace::times_real(60, kNow - 1h, kNow);
  EXPECT_EQ(pace.ahead(kNow, kNow), 0s);
  EXPECT_EQ(pace.ahead(kNow + 59h, kNow), 58h);
  EXPECT_EQ(Pace::no_wait().ahead(kNow + 2h, kNow), 2h);
  EXPECT_EQ(Pace::no_wait().ahead(kNow - 2h, kNow), 0s);
}

TEST(Pace, NoWaitIsDueAtOnce) { EXPECT_LT(Pace::no_wait().due(kNow + 3h), kNow); }

}  // namespace
}  // namespace tidewatch
