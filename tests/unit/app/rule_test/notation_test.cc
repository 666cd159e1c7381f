#include "app/rule_test/notation.h"

#include <gmock/gmock.h>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr Timestamp kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);

std::vector<std::optional<double>> values_of(std::string_view text, Duration step = 5min, uint64_t seed = 1) {
  const auto parts = parse_series(text, step);
  EXPECT_TRUE(parts.ok()) << parts.error().message;
  gen::Random random(seed);
  return parts.ok() ? expand(*parts, kMidnight, step, random) : std::vector<std::optional<double>>{};
}

std::string error_of(std::string_view text) {
  const auto parts = parse_series(text, 5min);
  return parts.ok() ? "no error" : parts.error().message;
}

TEST(Notation, ValuesAreRepeatedRampedAndMissing) {
  EXPECT_THAT(values_of("0.5 x 2, 0..1 over 3, _ x 2, 4"),
              ElementsAre(Optional(0.5), Optional(0.5), Optional(0.0), Optional(0.5), Optional(1.0), Eq(std::nullopt),
                          Eq(std::nullopt), Optional(4.0)));
}

TEST(Notation, LengthsMayBeDurations) {
  EXPECT_EQ(values_of("1 x 1h").size(), 12U);
  EXPECT_EQ(values_of("1 x 7d, 2..3 over 1h30m").size(), 7U * 288 + 18);
}

TEST(Notation, ValuesMayHaveUnits) {
  EXPECT_THAT(values_of("15%, 200ms, 2 USD, -1, 1e3"),
              ElementsAre(Optional(DoubleNear(0.15, 1e-12)), Optional(DoubleNear(0.2, 1e-12)), Optional(2.0),
                          Optional(-1.0), Optional(1000.0)));
  EXPECT_THAT(values_of("10%..20% over 2"),
              ElementsAre(Optional(DoubleNear(0.1, 1e-12)), Optional(DoubleNear(0.2, 1e-12))));
}

TEST(Notation, NoiseHasTheMomentsAskedForAndASeed) {
  const auto values = values_of("normal(10, 2) x 10000");
  double sum = 0;
  double squares = 0;
  for (const auto& value : values) {
    sum += *value;
    squares += (*value - 10) * (*value - 10);
  }
  EXPECT_NEAR(sum / 10000, 10, 0.08) << "four standard errors";
  EXPECT_NEAR(squares / 10000, 4, 0.23);
  EXPECT_EQ(values, values_of("normal(10, 2) x 10000"));
  EXPECT_NE(values, values_of("normal(10, 2) x 10000", 5min, 2));
}

TEST(Notation, ADayIsLowestAtFourAndHighestAtSixteen) {
  const auto day = values_of("daily(40, 120) x 48", 1h);
  EXPECT_NEAR(*day[4], 40, 1e-9);
  EXPECT_NEAR(*day[10], 80, 1e-9);
  EXPECT_NEAR(*day[16], 120, 1e-9);
  EXPECT_NEAR(*day[28], 40, 1e-9);
}

TEST(Notation, WhatIsWrongIsNamed) {
  EXPECT_THAT(error_of("0.1 x 3, 0.2 y 3"), HasSubstr("a part \"0.2 y 3\" that is none of"));
  EXPECT_THAT(error_of("0..1 x 3"), HasSubstr("is a ramp: say how long"));
  EXPECT_THAT(error_of("0.5 over 3"), HasSubstr("is no ramp"));
  EXPECT_THAT(error_of("1 x 7m"), HasSubstr("no whole number of steps of 5m"));
  EXPECT_THAT(error_of("1 x 2.5"), HasSubstr("is repeated \"2.5\""));
  EXPECT_THAT(error_of("1 x 0"), HasSubstr("is repeated \"0\""));
  EXPECT_THAT(error_of("1,,2"), HasSubstr("empty part"));
  EXPECT_THAT(error_of(""), HasSubstr("empty part"));
  EXPECT_THAT(error_of("normal(1, -1) x 3"), HasSubstr("spread below 0"));
  EXPECT_THAT(error_of("normal(1) x 3"), HasSubstr("is none of"));
  EXPECT_THAT(error_of("1 x 150000, 1 x 150000"), HasSubstr("longer than 200000 steps"));
  EXPECT_THAT(error_of("1 x 1e300"), HasSubstr("is repeated"));
}

}  // namespace
}  // namespace tidewatch
