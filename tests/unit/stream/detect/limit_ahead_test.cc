#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using testing::HasSubstr;
using testing::Not;

DetectOptions trend_and_limit(EntityGroup limited = {}) {
  DetectorRule trend = quick_rule("error_rate");
  trend.name = "error_trend";
  trend.detector = "trend";
  trend.settings = {{"period", "10m"}, {"shortest", "4"}, {"cycle", "0"}, {"warm_up", "7"}};
  trend.min_effect_absolute = 0.01;
  DetectorRule limit = quick_rule("error_rate");
  limit.name = "limit";
  limit.detector = "threshold";
  limit.settings = {{"above", "0.1"}};
  if (!limited.empty()) limit.entities = {limited};
  return quick_options({trend, limit});
}

/// Errors rise by a point every 20 minutes, after two hours without.
std::string why_of_trend(const DetectOptions& options) {
  DetectRun run(options);
  for (double m = 0; m < 400; ++m) {
    const int bad = 20 + static_cast<int>(std::max(0.0, m - 120) * 0.5);
    run.feed(traffic(kShop, m, bad, 1000));
    run.watermark(m + 1);
    for (const auto& alert : run.alerts())
      if (alert.rule() == "error_trend") return alert.why();
  }
  return "";
}

TEST(LimitAhead, ATrendSaysWhenTheLimitOfAnotherRuleIsReached) {
  EXPECT_THAT(why_of_trend(trend_and_limit()), HasSubstr("At this pace it comes to the limit of 10.0 % in "));
}

TEST(LimitAhead, OfAnotherEntityItIsNone) {
  const std::string why = why_of_trend(trend_and_limit({"service", "endpoint"}));
  EXPECT_THAT(why, HasSubstr("steadily"));
  EXPECT_THAT(why, Not(HasSubstr("limit")));
}

}  // namespace
}  // namespace tidewatch
