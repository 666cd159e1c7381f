#include "detectors/core/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "detectors/core/measure.h"

namespace tidewatch {
namespace {

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 3;
  const Result<int> bad = Error{"bad_value", "\"x\" is not a number"};
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, 3);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().code, "bad_value");
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, UsingTheValueOfAnErrorEndsTheProcessWithItsMessage) {
  const Result<int> bad = Error{"bad_value", "the answer is missing"};
  EXPECT_DEATH(static_cast<void>(bad.value()), "the answer is missing");
}

TEST(MeasureKinds, HaveNamesThatAreReadBack) {
  for (const auto kind : {MeasureKind::rate, MeasureKind::distribution, MeasureKind::sum, MeasureKind::distinct,
                          MeasureKind::composition})
    EXPECT_EQ(measure_kind(name_of(kind)), kind);
  EXPECT_EQ(measure_kind("ratio"), std::nullopt);
}

}  // namespace
}  // namespace tidewatch
