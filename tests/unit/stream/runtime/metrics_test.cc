#include "stream/runtime/metrics.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(Metrics, TotalSumsTheLabelSetsThatContainTheGivenOnes) {
  Metrics metrics;
  metrics.count("spans", {{"stage", "observe"}, {"kind", "a"}}, 2);
  metrics.count("spans", {{"stage", "observe"}, {"kind", "b"}}, 3);
  metrics.count("spans", {{"stage", "assemble"}, {"kind", "a"}}, 10);
  EXPECT_EQ(metrics.total("spans", {{"stage", "observe"}}), 5);
  EXPECT_EQ(metrics.total("spans", {{"kind", "a"}}), 12);
  EXPECT_EQ(metrics.total("spans"), 15);
  EXPECT_EQ(metrics.total("spans", {{"stage", "detect"}}), 0);
  EXPECT_EQ(metrics.total("never_counted"), 0);
}

}  // namespace
}  // namespace tidewatch
