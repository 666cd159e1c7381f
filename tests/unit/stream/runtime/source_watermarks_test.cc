#include "stream/runtime/source_watermarks.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

Timestamp at(Duration since) { return Timestamp(since); }

class SourceWatermarksTest : public ::testing::Test {
 protected:
  SourceWatermarks marks_{{"a", "b"}, 10s, at(0s)};
};

TEST_F(SourceWatermarksTest, WaitsUntilEverySourceWasHeard) {
  marks_.heard("a", at(100s), false, at(1s));
  EXPECT_EQ(marks_.advance(at(1s)), kMinTimestamp);
  marks_.heard("b", at(50s), false, at(2s));
  EXPECT_EQ(marks_.advance(at(2s)), at(50s));
}

TEST_F(SourceWatermarksTest, AnIdleSourceDoesNotHoldTheOthersBack) {
  marks_.heard("a", at(100s), false, at(1s));
  marks_.heard("b", at(50s), true, at(1s));
  EXPECT_EQ(marks_.advance(at(1s)), at(100s));
}

TEST_F(SourceWatermarksTest, AStalledSourceIsLeftOutAndNamed) {
  marks_.heard("a", at(100s), false, at(9s));
  EXPECT_EQ(marks_.advance(at(9s)), kMinTimestamp);
  EXPECT_EQ(marks_.advance(at(11s)), at(100s));
  EXPECT_TRUE(marks_.sources().at("b").stalled);
  EXPECT_FALSE(marks_.sources().at("a").stalled);
}

TEST_F(SourceWatermarksTest, NeverGoesBackWhenAStalledSourceReturns) {
  marks_.heard("a", at(100s), false, at(11s));
  ASSERT_EQ(marks_.advance(at(11s)), at(100s));
  marks_.heard("b", at(20s), false, at(12s));
  EXPECT_EQ(marks_.advance(at(12s)), at(100s));
  EXPECT_FALSE(marks_.sources().at("b").stalled);
}

TEST_F(SourceWatermarksTest, IsWhereTheFurthestSourceIsWhenAllHaveGivenWhatTheyHad) {
  marks_.heard("a", at(100s), false, at(1s));
  marks_.heard("b", at(50s), false, at(1s));
  ASSERT_EQ(marks_.advance(at(1s)), at(50s));
  marks_.heard("a", at(200s), true, at(2s));
  marks_.heard("b", at(150s), true, at(2s));
  EXPECT_EQ(marks_.advance(at(2s)), at(200s));
  EXPECT_TRUE(marks_.all_idle());
}

}  // namespace
}  // namespace tidewatch
