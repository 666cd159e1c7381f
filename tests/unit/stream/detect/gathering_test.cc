#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

/// An endpoint with four requests a minute; every hundredth fails.
void quiet_endpoint(DetectRun& run, int from, int to, int failures_each = -1) {
  for (int m = from; m < to; ++m) {
    run.feed(traffic(kShop, m, failures_each < 0 ? (m % 25 == 0 ? 1 : 0) : failures_each, 4));
    run.watermark(m + 1);
  }
}

DetectOptions gathering_options() {
  auto rule = quick_rule("error_rate");
  rule.min_count = 12;
  return quick_options({rule});
}

TEST(Gathering, WindowsOfFourRequestsAreJudgedByTheDozen) {
  DetectRun run(gathering_options());
  quiet_endpoint(run, 0, 60);
  const auto scores = run.scores();
  ASSERT_EQ(scores.size(), 60u);
  for (size_t i = 30; i < 60; ++i)
    EXPECT_EQ(find(scores[i], "error_rate")->judgement(), i % 3 == 2 ? "scored" : "gathering") << i;
  EXPECT_EQ(find(scores[59], "error_rate")->n(), 4) << "what is published of a window is its own value";
}

TEST(Gathering, OneWindowOfFourFailuresIsNoAlarmAndAnOutageIsOneWithinFiveWindows) {
  DetectRun run(gathering_options());
  quiet_endpoint(run, 0, 90);
  quiet_endpoint(run, 90, 91, 4);
  EXPECT_TRUE(run.alerts().empty());
  quiet_endpoint(run, 91, 95, 4);
  ASSERT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
  const auto alert = run.alerts()[0];
  EXPECT_GE(alert.n(), 12);
  EXPECT_EQ(alert.window_seconds(), 180) << "three windows were judged together";
  EXPECT_FALSE(alert.exemplars().empty());
}

TEST(Gathering, AFiringAlertWaitsForEnoughToBeResolved) {
  DetectRun run(gathering_options());
  quiet_endpoint(run, 0, 90);
  quiet_endpoint(run, 90, 99, 4);
  ASSERT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
  quiet_endpoint(run, 99, 106, 0);
  EXPECT_EQ(run.transitions().size(), 1u) << "calm is asked for three times, of a dozen requests each";
  quiet_endpoint(run, 106, 109, 0);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired", "resolved"}));
}

TEST(Gathering, EnoughInOneWindowIsNotWaitedWith) {
  DetectRun run(gathering_options());
  run.calm(0, 30);
  run.incident(30, 31);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
}

TEST(Gathering, GoesOnAfterARestart) {
  for (const int stop : {90, 91, 92}) {
    DetectRun straight(gathering_options());
    quiet_endpoint(straight, 0, 90);
    quiet_endpoint(straight, 90, 96, 4);
    DetectRun before(gathering_options());
    quiet_endpoint(before, 0, 90);
    quiet_endpoint(before, 90, stop, 4);
    DetectRun after(gathering_options());
    after.restore(before.state(), stop);
    quiet_endpoint(after, stop, 96, 4);
    ASSERT_EQ(after.alerts().size(), 1u) << stop;
    EXPECT_EQ(after.alerts()[0].SerializeAsString(), straight.alerts()[0].SerializeAsString()) << stop;
  }
}

TEST(Gathering, WhatIsOlderThanSixHoursIsGivenUp) {
  DetectRun run(gathering_options());
  quiet_endpoint(run, 0, 90);
  for (int hour = 0; hour < 48; hour += 4) {
    run.feed(traffic(kShop, 120 + 60.0 * hour, 4, 4));
    run.watermark(121 + 60.0 * hour);
  }
  EXPECT_TRUE(run.alerts().empty()) << "four requests in four hours are never a dozen in six";
}

}  // namespace
}  // namespace tidewatch
