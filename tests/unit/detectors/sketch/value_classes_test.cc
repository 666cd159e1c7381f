#include "detectors/sketch/value_classes.h"

#include <gmock/gmock.h>

#include <limits>

#include "detectors/sketch/aggregate.h"

namespace tidewatch::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

const Domain kAnything{};
const Domain kShare{0, 1};

TEST(ValueClasses, HaveRoundBorders) {
  EXPECT_EQ(value_class(250, kAnything), "200 to 300");
  EXPECT_EQ(value_class(200, kAnything), "200 to 300") << "the lower border belongs to the class";
  EXPECT_EQ(value_class(199.99, kAnything), "150 to 200");
  EXPECT_EQ(value_class(1, kAnything), "1 to 1.5");
  EXPECT_EQ(value_class(0.003, kAnything), "0.003 to 0.005");
  EXPECT_EQ(value_class(9.99, kAnything), "7 to 10");
  EXPECT_EQ(value_class(1e6, kAnything), "1e+06 to 1.5e+06");
  EXPECT_EQ(value_class(0, kAnything), "0");
  EXPECT_EQ(value_class(-2.5, kAnything), "-3 to -2") << "mirrored";
}

TEST(ValueClasses, OfWhatIsBoundedAreEqual) {
  EXPECT_EQ(value_class(0.97, kShare), "0.95 to 1");
  EXPECT_EQ(value_class(1, kShare), "0.95 to 1") << "both borders belong to the last";
  EXPECT_EQ(value_class(0, kShare), "0 to 0.05");
  EXPECT_EQ(value_class(7, kShare), "0.95 to 1") << "the nearest value of the domain";
}

TEST(ValueClasses, TakeWhateverIsFinite) {
  EXPECT_EQ(value_class(1e300, kAnything), value_class(std::numeric_limits<double>::max(), kAnything));
  EXPECT_EQ(value_class(5e-324, kAnything), value_class(1e-200, kAnything)) << "the outermost class";
  EXPECT_NE(value_class(1e29, kAnything), value_class(1e28, kAnything));
}

TEST(ValueClasses, OfADistributionCountItsValues) {
  Aggregate lengths(MeasureKind::distribution);
  for (int i = 0; i < 30; ++i) lengths.add_value(250);
  for (int i = 0; i < 10; ++i) lengths.add_value(40);
  lengths.add_value(0);
  EXPECT_THAT(lengths.classes(kAnything).entries(),
              ElementsAre(Pair("0", 1), Pair("200 to 300", 30), Pair("30 to 50", 10)));
  lengths.add_value(250, -1);
  EXPECT_EQ(lengths.classes(kAnything).weight_of("200 to 300"), 29) << "withdrawn";
  EXPECT_TRUE(Aggregate(MeasureKind::distribution).classes(kAnything).empty());
}

TEST(ValueClasses, OfNegativeValuesStandOnTheirSide) {
  Aggregate scores(MeasureKind::distribution);
  scores.add_value(-2.5);
  scores.add_value(2.5);
  EXPECT_THAT(scores.classes(kAnything).entries(), ElementsAre(Pair("-3 to -2", 1), Pair("2 to 3", 1)));
}

TEST(ValueClasses, OfASampleCountAsManyAsItIsWorth) {
  // A sample of one in ten says as much as its own size, not as the population's.
  Aggregate sampled(MeasureKind::distribution);
  for (int i = 0; i < 100; ++i) sampled.add_value(i < 25 ? 40 : 250, 10);
  const CategoryCounts classes = sampled.classes(kAnything);
  EXPECT_NEAR(classes.total(), 100, 1e-3);
  EXPECT_NEAR(classes.weight_of("30 to 50"), 25, 1e-3);
}

}  // namespace
}  // namespace tidewatch::testing
