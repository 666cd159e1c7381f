#include "stream/runtime/topology.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(StageSpec, OfSeveralInputsEachHasAStateOfItsOwn) {
  StageSpec one;
  one.name = "detect";
  one.inputs = {Stream::partials};
  EXPECT_EQ(one.state_prefix(Stream::partials), "detect/");
  StageSpec two;
  two.name = "notify";
  two.inputs = {Stream::alerts, Stream::incidents};
  EXPECT_EQ(two.state_prefix(Stream::alerts), "notify/alerts/");
  EXPECT_EQ(two.state_prefix(Stream::incidents), "notify/incidents/");
}

}  // namespace
}  // namespace tidewatch
