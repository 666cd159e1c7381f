#include "stream/runtime/append_time.h"

#include <gtest/gtest.h>

namespace tidewatch::kafka {
namespace {

constexpr Timestamp kNow{std::chrono::hours(1000)};
constexpr Duration kHour = std::chrono::hours(1);

TEST(AppendTime, IsNeverLaterThanTheRecordIsRead) {
  EXPECT_EQ(believed_append_time(kNow - kHour, kNow, IdlePolicy::advance), kNow - kHour) << "a backlog";
  EXPECT_EQ(believed_append_time(kNow + kHour, kNow, IdlePolicy::advance), kNow) << "the producer's clock is ahead";
  EXPECT_EQ(believed_append_time(std::nullopt, kNow, IdlePolicy::advance), kNow);
}

TEST(AppendTime, IsTheRecordsWhereTheClockSaysNothing) {
  EXPECT_EQ(believed_append_time(kNow + kHour, kNow, IdlePolicy::hold), kNow + kHour);
  EXPECT_EQ(believed_append_time(std::nullopt, kNow, IdlePolicy::hold), kMinTimestamp);
}

}  // namespace
}  // namespace tidewatch::kafka
