#include <gmock/gmock.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;

DetectorRule lengths_rule() {
  DetectorRule rule;
  rule.name = "answer_lengths";
  rule.detector = "drift";
  rule.settings = {{"period", "10m"}, {"warm_up", "6"}};
  rule.measures = {"answer_length"};
  rule.window = std::chrono::minutes(1);
  rule.min_effect_absolute = 0.1;
  return rule;
}

/// Answers of 400 characters, and of the others half are very short and half very long: the mean and the median stay.
void minutes(DetectRun& run, int from, int to, int others) {
  for (int m = from; m < to; ++m) {
    std::vector<double> lengths;
    for (int i = 0; i < 100; ++i) {
      const bool is_other = i < others;
      lengths.push_back(is_other ? (i % 2 == 0 ? 60 : 740) : 360 + i % 10 * 10);
    }
    run.feed(PartialOf(kShop, m).requests(100).values("answer_length", lengths));
    run.watermark(m + 1);
  }
}

TEST(DriftOfDistributions, IsFoundWhereMeanAndMedianStayAndToldInClasses) {
  DetectRun run(quick_options({lengths_rule()}));
  minutes(run, 0, 120, 4);
  EXPECT_TRUE(run.alerts().empty());
  minutes(run, 120, 141, 40);
  ASSERT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
  const v1::Alert alert = run.alerts()[0];
  EXPECT_EQ(alert.measure(), "answer_length");
  EXPECT_EQ(alert.unit(), "share") << "what is told is how many changed class";
  EXPECT_NEAR(alert.value(), 0.36, 0.02);
  EXPECT_THAT(alert.why(), HasSubstr("are of another size than usual"));
  EXPECT_THAT(alert.why(), HasSubstr("50 to 70 characters 20.0 % (usually 2.0 %)"));
}

TEST(DriftOfDistributions, SurvivesARestart) {
  DetectRun whole(quick_options({lengths_rule()}));
  minutes(whole, 0, 145, 4);
  DetectRun before(quick_options({lengths_rule()}));
  minutes(before, 0, 120, 4);
  DetectRun after(quick_options({lengths_rule()}));
  after.restore(before.state(), 120);
  minutes(after, 120, 145, 4);
  EXPECT_EQ(after.state(), whole.state());
}

}  // namespace
}  // namespace tidewatch
