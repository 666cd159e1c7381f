#include "detectors/decide/time_to_limit.h"

#include <gtest/gtest.h>

#include <array>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

Verdict moved(double from, double to, double surprise = 25) {
  Verdict out;
  out.expected = from;
  out.value = to;
  out.surprise = surprise;
  return out;
}

double days(Duration duration) { return to_seconds(duration) / 86400; }

TEST(LimitAhead, IsReachedAtTheSamePace) {
  const std::array limits = {0.05};
  const auto ahead = limit_ahead(moved(0.01, 0.03), 10 * 24h, limits);  // two points in ten days
  ASSERT_TRUE(ahead);
  EXPECT_EQ(ahead->limit, 0.05);
  EXPECT_NEAR(days(ahead->in), 10, 1e-6);
  EXPECT_LT(ahead->earliest, ahead->in);
  ASSERT_TRUE(ahead->latest);
  EXPECT_GT(*ahead->latest, ahead->in);
}

TEST(LimitAhead, TheIntervalIsThatOfAPaceAsSureAsTheAlert) {
  const std::array limits = {0.05};
  // One in 2^25 is 5.4 standard errors: the pace is known to 1.645 / 5.4 = 30.4 %.
  const auto sure = limit_ahead(moved(0.01, 0.03, 25), 10 * 24h, limits);
  EXPECT_NEAR(days(sure->earliest), 10 / 1.304, 0.02);
  EXPECT_NEAR(days(*sure->latest), 10 / (1 - 0.304), 0.05);
  const auto surer = limit_ahead(moved(0.01, 0.03, 100), 10 * 24h, limits);
  EXPECT_GT(surer->earliest, sure->earliest);
  EXPECT_LT(*surer->latest, *sure->latest);
  EXPECT_FALSE(limit_ahead(moved(0.01, 0.03, 3), 10 * 24h, limits)->latest) << "it may not move at all";
}

TEST(LimitAhead, LiesOnTheWay) {
  const std::array limits = {0.02, 0.06, 0.9};
  EXPECT_EQ(limit_ahead(moved(0.01, 0.03), 24h, limits)->limit, 0.06) << "the first that is not passed";
  EXPECT_EQ(limit_ahead(moved(0.05, 0.03), 24h, limits)->limit, 0.02) << "downwards";
  const std::array passed = {0.02};
  EXPECT_FALSE(limit_ahead(moved(0.01, 0.03), 24h, passed));
  const std::array far = {0.9};
  EXPECT_FALSE(limit_ahead(moved(0.01, 0.03), 24h, far)) << "43 times as far";
  EXPECT_FALSE(limit_ahead(moved(0.03, 0.03), 24h, limits)) << "it does not move";
}

}  // namespace
}  // namespace tidewatch
