#include "stream/signals/language.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <string>

namespace tidewatch {
namespace {

const Languages& languages() {
  static const Languages all = Languages::embedded();
  return all;
}

std::optional<bool> wrong(std::string_view question, std::string_view answer) {
  return is_wrong_language(languages(), question, languages().detect(question), languages().detect(answer));
}

TEST(Languages, EachIsToldByASentence) {
  const auto cases = YAML::LoadFile(std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/signals/languages.yaml");
  int told = 0;
  int all = 0;
  for (const auto& language : cases["sentences"])
    for (const auto& sentence : language.second) {
      const auto text = sentence.as<std::string>();
      const auto found = languages().detect(text).code;
      ++all;
      told += found.empty() ? 0 : 1;
      EXPECT_TRUE(found.empty() || found == language.first.as<std::string>())
          << text << " is " << language.first << ", not " << found;
    }
  // Silence is allowed, but rarely: 95 %.
  EXPECT_GE(told * 20, all * 19) << told << " of " << all;
}

TEST(Languages, WhatHasNoProfileOrTooFewWordsIsNotTold) {
  const auto cases = YAML::LoadFile(std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/signals/languages.yaml");
  for (const auto& text : cases["untold"]) {
    const auto found = languages().detect(text.as<std::string>());
    EXPECT_EQ(found.code, "") << text << " with confidence " << found.confidence;
  }
}

TEST(Languages, AnAnswerInAnotherLanguageIsWrong) {
  EXPECT_EQ(wrong("Wie lange kann ich die Schuhe zurückgeben, die ich gekauft habe?",
                  "You can return the shoes within 30 days after you have received them."),
            true);
  EXPECT_EQ(wrong("How long can I return the shoes that I bought?", "您可以在收到鞋子后的三十天内退货。"), true);
  EXPECT_EQ(wrong("How long can I return the shoes that I bought?", "You can return them within 30 days."), false);
}

TEST(Languages, AQuestionThatAsksForALanguageExcusesTheAnswer) {
  EXPECT_EQ(wrong("How do I say in German that I would like to return the shoes?",
                  "Ich möchte die Schuhe zurückgeben, die ich bei Ihnen gekauft habe."),
            std::nullopt);
  EXPECT_EQ(wrong("Please translate this for me: I would like to return the shoes.",
                  "Ich möchte die Schuhe zurückgeben, die ich bei Ihnen gekauft habe."),
            std::nullopt);
  EXPECT_EQ(wrong("请把这句话翻译一下：我想退掉这双鞋子。", "I would like to return this pair of shoes to you."),
            std::nullopt);
  EXPECT_EQ(wrong("日本語で答えてください。 What are your opening hours on Sundays?",
                  "日曜日の営業時間は九時から五時までです。"),
            std::nullopt);
}

TEST(Languages, FunctionWordsAreKnownByLanguage) {
  EXPECT_TRUE(languages().is_function_word("the", "en"));
  EXPECT_FALSE(languages().is_function_word("die", "en"));
  EXPECT_TRUE(languages().is_function_word("die", ""));
  EXPECT_FALSE(languages().is_function_word("shoes", ""));
}

TEST(Languages, ABadProfileIsNamed) {
  for (const auto* bad : {"script: runes", "words: [a]", "script: latin\nwordz: [a]", "script: ["}) {
    const auto result = Languages::parse({{"xx.yaml", bad}});
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().code, "bad_language");
  }
}

}  // namespace
}  // namespace tidewatch
