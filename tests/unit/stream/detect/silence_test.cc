#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr double kHour = 60;
constexpr double kDay = 24 * kHour;

TEST(Silence, OfHoursNeitherAlertsNorIsLearnt) {
  DetectRun run;
  run.calm(0, 30);
  run.watermark(30 + 5 * kHour);
  run.calm(30 + 5 * kHour, 60 + 5 * kHour);
  EXPECT_TRUE(run.alerts().empty());
  EXPECT_EQ(run.scores().size(), 60u) << "no data, no score";
  run.incident(60 + 5 * kHour, 62 + 5 * kHour);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
}

TEST(Silence, EndsAnAlertThatNoDataUpholds) {
  DetectRun run;
  run.calm(0, 30);
  run.incident(30, 32);
  run.watermark(32 + 35);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
  run.watermark(32 + 36);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired", "resolved"}));
}

TEST(Silence, IsTheSameInOneStepOrInMany) {
  auto options = quick_options({quick_rule("error_rate"), quick_rule("refusal_rate", 5min)});
  options.score_window = 5min;
  for (const double silence : {3 * kHour, 3 * kDay, 12 * kDay, 31 * kDay, 400 * kDay}) {
    DetectRun at_once(options);
    DetectRun stepwise(options);
    for (DetectRun* run : {&at_once, &stepwise}) {
      run->calm(0, 23);
      run->incident(23, 28);
    }
    for (double m = 28; m < 28 + silence; m += 7) stepwise.watermark(m);
    for (DetectRun* run : {&at_once, &stepwise}) {
      run->feed(traffic(kShop, 30 + silence));  // ahead of the watermark, and out of order
      run->feed(traffic(kShop, 29 + silence));
      run->watermark(29 + silence);
      run->feed(traffic(kShop, 29 + silence));
      run->calm(31 + silence, 50 + silence);
    }
    ASSERT_EQ(at_once.count("late_partials"), 0u);
    ASSERT_EQ(at_once.alerts().size(), stepwise.alerts().size());
    for (size_t i = 0; i < at_once.alerts().size(); ++i)
      ASSERT_EQ(at_once.alerts()[i].SerializeAsString(), stepwise.alerts()[i].SerializeAsString());
    ASSERT_EQ(at_once.scores().size(), stepwise.scores().size());
    for (size_t i = 0; i < at_once.scores().size(); ++i)
      ASSERT_EQ(at_once.scores()[i].SerializeAsString(), stepwise.scores()[i].SerializeAsString());
    ASSERT_EQ(at_once.state(), stepwise.state()) << silence / kDay << " days";
  }
}

TEST(Silence, DoesNotMixTheWindowBeforeWithTheOneAfter) {
  auto options = quick_options();
  options.score_window = 5min;
  DetectRun run(options);
  run.calm(0, 7);  // [5, 10) is half full
  run.feed(traffic(kShop, 20 * kDay));
  run.watermark(20 * kDay + 5);
  const auto scores = run.scores();
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_EQ(value_of(scores[0], "requests"), 500);
  EXPECT_EQ(value_of(scores[1], "requests"), 200);
  EXPECT_EQ(value_of(scores[2], "requests"), 100);
}

TEST(Silence, BeforeTheFirstDataClosesNothingThatMayStillCome) {
  DetectRun run;
  run.watermark(1);
  run.feed(traffic(kShop, 100));
  run.watermark(98);
  run.feed(traffic(kShop, 98));
  run.watermark(101);
  EXPECT_EQ(run.count("late_partials"), 0u);
  EXPECT_EQ(run.scores().size(), 2u);
}

TEST(Silence, OfAMonthForgetsAnEntity) {
  DetectRun run;
  run.calm(0, 30);
  run.watermark(29 * kDay);
  EXPECT_EQ(run.state().size(), 1u);
  run.watermark(31 * kDay);
  EXPECT_EQ(run.count("forgotten_entities"), 1u);
  EXPECT_TRUE(run.state().empty());
  EXPECT_EQ(run.stage().entities(), 0u);
}

TEST(Silence, OfDaysWithinALongWindowLeavesItsDataJudged) {
  auto options = quick_options();
  options.score_window = std::chrono::hours(24 * 4);
  DetectRun run(options);
  run.calm(0, 3);
  const double next = 4 * kDay * 1000;
  run.watermark(next);
  EXPECT_EQ(run.scores().size(), 1u);
}

TEST(Silence, AJumpOfYearsIsNoLoopOverYears) {
  DetectRun run;
  run.calm(0, 30);
  run.watermark(365 * kDay * 100);
  EXPECT_EQ(run.stage().output_watermark(), minute(365 * kDay * 100));
  run.calm(365 * kDay * 100, 365 * kDay * 100 + 3);
  EXPECT_EQ(run.scores().size(), 33u);
}

}  // namespace
}  // namespace tidewatch
