#include "detectors/core/params.h"

#include <gtest/gtest.h>

#include <string>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

struct Sample {
  double reference = 0.5;
  int windows = 12;
  bool two_sided = true;
  Duration half_life = 90min;
  std::string label = "model";
  static constexpr auto table() {
    return params(field("reference", &Sample::reference, range(0.05, 3), "half the shift worth catching", "sigma"),
                  field("windows", &Sample::windows, range(1, 1000), "windows that must agree"),
                  field("two_sided", &Sample::two_sided, any_value(), "look both ways"),
                  field("half_life", &Sample::half_life, range(60, 86400), "until an observation counts half"),
                  field("label", &Sample::label, any_value(), "label to follow"));
  }
};

TEST(Durations, AreANumberAndAUnit) {
  EXPECT_EQ(*parse_duration("5m"), 5min);
  EXPECT_EQ(*parse_duration("200ms"), 200ms);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("1.5h"), 90min);
  EXPECT_EQ(*parse_duration("2d"), 48h);
  EXPECT_EQ(*parse_duration("1w"), 168h);
  EXPECT_EQ(*parse_duration("7us3ns"), 7003ns);
}

TEST(Durations, WithoutAUnitAreRefusedWithAnExample) {
  for (const char* text : {"", "5", "m", "5 m", "-5m", "5x", "5m3", "1e3s", "5mm", "..s", "99999999999w"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, "bad_value");
    EXPECT_NE(parsed.error().message.find("as in 5m"), std::string::npos);
  }
}

TEST(Durations, ArePrintedAsTheyAreRead) {
  for (const char* text : {"5m", "1h30m", "200ms", "2d", "1w", "1s500ms", "3ns"})
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(Numbers, MayBePercentages) {
  EXPECT_DOUBLE_EQ(*parse_number("15%"), 0.15);
  EXPECT_DOUBLE_EQ(*parse_number("0.5pp"), 0.005);
  EXPECT_DOUBLE_EQ(*parse_number("-2.5"), -2.5);
  EXPECT_DOUBLE_EQ(*parse_number("1e-3"), 0.001);
}

TEST(Numbers, MustBeFiniteAndWhole) {
  for (const char* text : {"", "%", "abc", "1 ", "1.2.3", "nan", "inf", "0x10", "5m"})
    EXPECT_FALSE(parse_number(text).ok()) << text;
}

TEST(Booleans, AreWords) {
  EXPECT_TRUE(*parse_boolean("true"));
  EXPECT_FALSE(*parse_boolean("off"));
  EXPECT_FALSE(parse_boolean("1").ok());
}

TEST(NearestName, IsTheLikelyMisspelling) {
  EXPECT_EQ(nearest_name("windw", {"window", "width", "detector"}), "window");
  EXPECT_EQ(nearest_name("half-life", {"reference", "half_life"}), "half_life");
  EXPECT_EQ(nearest_name("zzzzzz", {"window", "width"}), "");
}

TEST(ParamTable, SetsEachTypeFromText) {
  Sample sample;
  for (const auto& [name, text] : {std::pair{"reference", "75%"}, std::pair{"windows", "20"},
                                   std::pair{"two_sided", "no"}, std::pair{"half_life", "2h"}, std::pair{"label", "x"}})
    ASSERT_TRUE(set_param(sample, name, text).ok()) << name;
  EXPECT_EQ(sample.reference, 0.75);
  EXPECT_EQ(sample.windows, 20);
  EXPECT_FALSE(sample.two_sided);
  EXPECT_EQ(sample.half_life, 2h);
  EXPECT_EQ(sample.label, "x");
}

TEST(ParamTable, RefusesValuesOutsideTheRangeAndKeepsTheOldOne) {
  Sample sample;
  const auto status = set_param(sample, "reference", "4");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "reference: 4 is outside [0.05, 3]");
  EXPECT_EQ(sample.reference, 0.5);
  EXPECT_TRUE(set_param(sample, "reference", "3").ok()) << "the ends belong to the range";
}

TEST(ParamTable, ChecksDurationsInSeconds) {
  Sample sample;
  EXPECT_FALSE(set_param(sample, "half_life", "59s").ok());
  EXPECT_TRUE(set_param(sample, "half_life", "60s").ok());
  EXPECT_FALSE(set_param(sample, "half_life", "2d").ok());
}

TEST(ParamTable, RefusesFractionsOfIntegers) {
  Sample sample;
  const auto status = set_param(sample, "windows", "2.5");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "windows: \"2.5\" is not a whole number");
}

TEST(ParamTable, NamesTheNearestKey) {
  Sample sample;
  const auto status = set_param(sample, "windws", "3");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, "unknown_key");
  EXPECT_EQ(status.error().message, "windws: unknown key; did you mean \"windows\"?");
}

TEST(ParamTable, NamesTheParameterOfABadValue) {
  Sample sample;
  EXPECT_EQ(set_param(sample, "two_sided", "maybe").error().message, "two_sided: \"maybe\" is not true or false");
}

TEST(ParamTable, DescribesItselfForDocumentation) {
  const auto infos = describe_params<Sample>();
  ASSERT_EQ(infos.size(), 5u);
  EXPECT_EQ(infos[0].name, "reference");
  EXPECT_EQ(infos[0].type, "number");
  EXPECT_EQ(infos[0].default_value, "0.5");
  EXPECT_EQ(infos[0].unit, "sigma");
  EXPECT_EQ(infos[0].allowed.high, 3);
  EXPECT_EQ(infos[1].type, "integer");
  EXPECT_EQ(infos[2].type, "boolean");
  EXPECT_EQ(infos[2].default_value, "true");
  EXPECT_EQ(infos[3].type, "duration");
  EXPECT_EQ(infos[3].default_value, "1h30m");
  EXPECT_EQ(infos[4].type, "string");
  EXPECT_EQ(infos[4].help, "label to follow");
}

}  // namespace
}  // namespace tidewatch
