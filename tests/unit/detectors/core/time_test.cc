#include "detectors/core/time.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

Timestamp at(Duration since_epoch) { return Timestamp(since_epoch); }

TEST(Time, AlignsDownToTheStartOfThePane) {
  EXPECT_EQ(align_down(at(119s), 1min), at(60s));
  EXPECT_EQ(align_down(at(120s), 1min), at(120s));
  EXPECT_EQ(align_down(at(120s - 1ns), 1min), at(60s));
}

TEST(Time, AlignsTimesBeforeTheEpochDownToo) {
  EXPECT_EQ(align_down(at(-1ns), 1min), at(-60s));
  EXPECT_EQ(align_down(at(-60s), 1min), at(-60s));
  EXPECT_EQ(align_down(at(-61s), 1min), at(-120s));
}

TEST(Time, SubtractsWithinTheRange) {
  EXPECT_EQ(saturating_minus(at(10s), 4s), at(6s));
  EXPECT_EQ(saturating_minus(kMinTimestamp + 3s, 4s), kMinTimestamp);
  EXPECT_EQ(saturating_minus(kMinTimestamp + 5s, 4s), kMinTimestamp + 1s);
}

TEST(Time, AWatermarkAtEitherEndStaysThere) {
  EXPECT_EQ(saturating_minus(kMinTimestamp, 1h), kMinTimestamp);
  EXPECT_EQ(saturating_minus(kMaxTimestamp, 1h), kMaxTimestamp);
}

TEST(Time, GivesSecondsWithTheirFraction) { EXPECT_DOUBLE_EQ(to_seconds(1500ms), 1.5); }

}  // namespace
}  // namespace tidewatch
