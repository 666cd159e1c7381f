#include "stream/evaluate/validators/registry.h"

#include <gtest/gtest.h>

#include <set>

namespace tidewatch {
namespace {

std::string error_of(std::string_view name, const ValidatorSettings& settings) {
  const auto made = make_validator(name, settings);
  return made ? "" : made.error().message;
}

TEST(ValidatorRegistry, NamesTheNearestValidatorAndParameter) {
  EXPECT_EQ(error_of("lenght", {}), "lenght: unknown validator; did you mean \"length\"?");
  EXPECT_EQ(error_of("length", {{"max_word", "3"}}), "max_word: unknown key; did you mean \"max_words\"?");
}

TEST(ValidatorRegistry, SaysWhichParameterIsWrong) {
  EXPECT_EQ(error_of("length", {}), "max_characters: no limit is given; set this one or another");
  EXPECT_EQ(error_of("length", {{"min_words", "9"}, {"max_words", "3"}}), "min_words: 9 is above max_words, 3");
  EXPECT_EQ(error_of("length", {{"min_characters", "9"}, {"max_characters", "3"}}),
            "min_characters: 9 is above max_characters, 3");
  EXPECT_EQ(error_of("regular_expression", {}), "pattern: needs an expression");
  EXPECT_EQ(error_of("regular_expression", {{"pattern", "a("}}), "pattern: no expression: missing ): a(");
  EXPECT_EQ(error_of("forbidden_phrases", {}), "phrases: needs at least one phrase");
  EXPECT_EQ(error_of("required_phrases", {{"phrases", ""}}), "phrases: an empty text says nothing; remove it");
  EXPECT_EQ(error_of("json_schema", {{"schema", "{"}}),
            "schema: is no JSON Schema (draft 7, without references to other documents)");
}

TEST(ValidatorRegistry, TakesEveryDefaultAsItIsDocumented) {
  std::set<std::string> names;
  for (const auto& info : describe_validators()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
    for (const auto& param : info.params) {
      EXPECT_FALSE(param.help.empty()) << info.name << "." << param.name;
      if (param.default_value.empty()) continue;
      const auto set = check_setting(info.name, param.name, param.default_value);
      EXPECT_TRUE(set) << info.name << ": " << set.error().message;
    }
  }
}

TEST(ValidatorRegistry, GathersTheTextsOfAList) {
  const auto validator = make_validator("required_phrases", {{"phrases", "red"}, {"phrases", "blue"}});
  ASSERT_TRUE(validator);
  ReviewedRequest request;
  request.answers = {"It is red."};
  const Validation said = (*validator)->check(request);
  EXPECT_TRUE(said.has_failed());
  EXPECT_DOUBLE_EQ(said.score.value_or(-1), 0.5);
}

}  // namespace
}  // namespace tidewatch
