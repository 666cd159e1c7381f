#include "stream/evaluate/validators/rule.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

ValidatorRule short_answers(const std::string& name) {
  return {.name = name, .check = "length", .settings = {{"max_words", "2"}}, .where = {}};
}

TEST(ValidatorRules, ApplyWhereAllLabelsFit) {
  ValidatorRule rule = short_answers("a");
  EXPECT_TRUE(applies_to(rule.where, {}));
  rule.where = {{"endpoint", {"/chat", "/invest/*"}}, {"model", {"gpt-x"}}};
  EXPECT_TRUE(applies_to(rule.where, {{"endpoint", "/chat"}, {"model", "gpt-x"}}));
  EXPECT_TRUE(applies_to(rule.where, {{"endpoint", "/invest/funds"}, {"model", "gpt-x"}, {"user", "7"}}));
  EXPECT_FALSE(applies_to(rule.where, {{"endpoint", "/chats"}, {"model", "gpt-x"}}));
  EXPECT_FALSE(applies_to(rule.where, {{"endpoint", "/chat"}, {"model", "gpt-y"}}));
  EXPECT_FALSE(applies_to(rule.where, {{"endpoint", "/chat"}}));
}

TEST(ValidatorRules, SayByNameWhatAppliesInTheirOrder) {
  ValidatorRule elsewhere = short_answers("elsewhere");
  elsewhere.where = {{"endpoint", {"/other"}}};
  const auto rules = RuleValidators::make(
      {short_answers("short"), elsewhere, {.name = "figures", .check = "numbers", .settings = {}, .where = {}}});
  ASSERT_TRUE(rules);
  ReviewedRequest request;
  request.answers = {"one two three"};

  const auto said = rules->check(request, {{"endpoint", "/chat"}});

  ASSERT_EQ(said.size(), 2);
  EXPECT_EQ(said[0].rule->name, "short");
  EXPECT_TRUE(said[0].validation.has_failed());
  EXPECT_EQ(said[1].rule->name, "figures");
  EXPECT_FALSE(said[1].validation.is_applicable());
}

TEST(ValidatorRules, OfOneNameOrWithBadParametersAreRefused) {
  const auto twice = RuleValidators::make({short_answers("a"), short_answers("a")});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "a: a second validator of this name");
  const auto unlimited = RuleValidators::make({{.name = "a", .check = "length", .settings = {}, .where = {}}});
  ASSERT_FALSE(unlimited);
  EXPECT_EQ(unlimited.error().message, "a.max_characters: no limit is given; set this one or another");
}

}  // namespace
}  // namespace tidewatch
