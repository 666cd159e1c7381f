#include "stream/signals/text_checks.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "stream/signals/empty_answer.h"

namespace tidewatch {
namespace {

const TextChecks& checks() {
  static const TextChecks all;
  return all;
}

CallTexts answered(std::string answer) {
  CallTexts out;
  out.question = "How long can I return the shoes that I bought?";
  out.answer = std::move(answer);
  return out;
}

TEST(TextChecks, AnOrdinaryAnswerHasNoFinding) {
  const auto signals = checks().check(answered("You can return them within 30 days after you have received them."));
  EXPECT_FALSE(signals.refusal() || signals.partial_refusal() || signals.hedging() || signals.truncated() ||
               signals.empty_output() || signals.repeated_output() || signals.wrong_language() || signals.unsafe());
  EXPECT_TRUE(signals.has_refusal() && signals.has_truncated() && signals.has_empty_output() &&
              signals.has_wrong_language() && signals.has_unsafe());
  EXPECT_EQ(signals.input_chars(), 46U);
  EXPECT_EQ(signals.output_chars(), 64U);
  EXPECT_EQ(signals.question_language(), "en");
  EXPECT_EQ(signals.output_language(), "en");
  EXPECT_FALSE(signals.has_schema_mismatch());
  EXPECT_FALSE(signals.has_groundedness());
}

TEST(TextChecks, WhatWasNotRecordedStaysAbsent) {
  const auto nothing = checks().check({});
  EXPECT_EQ(nothing.ByteSizeLong(), 0U) << nothing.DebugString();
  CallTexts cut;
  cut.was_cut_off = true;
  EXPECT_TRUE(checks().check(cut).truncated());
  CallTexts question;
  question.question = "How long can I return the shoes?";
  const auto asked = checks().check(question);
  EXPECT_TRUE(asked.has_input_chars() && asked.has_question_fingerprint());
  EXPECT_FALSE(asked.has_output_chars() || asked.has_empty_output() || asked.has_refusal());
}

TEST(TextChecks, EachFindingIsReported) {
  EXPECT_TRUE(checks().check(answered("I'm sorry, but I can't help with that.")).refusal());
  const auto partial =
      checks().check(answered("I can't share his address. However, I can tell you where the office is."));
  EXPECT_TRUE(partial.refusal() && partial.partial_refusal());
  EXPECT_TRUE(checks().check(answered("I'm not sure, but it may be 30 days.")).hedging());
  EXPECT_TRUE(checks().check(answered(" \n")).empty_output());
  EXPECT_TRUE(
      checks().check(answered("Sie können die Schuhe innerhalb von 30 Tagen an uns zurückgeben.")).wrong_language());
  std::string loop;
  for (int i = 0; i < 20; ++i) loop += "you can return them ";
  EXPECT_TRUE(checks().check(answered(loop)).repeated_output());
  EXPECT_TRUE(checks().check(answered("Everyone would be better off without you.")).unsafe());
  auto grounded = answered("Within 30 days.");
  grounded.documents = {"Returns: 30 days."};
  EXPECT_EQ(checks().check(grounded).groundedness(), 1);
}

TEST(TextChecks, AnAnswerThatOnlyCallsToolsIsNotEmptyAndNeedsNoSchema) {
  auto texts = answered("");
  texts.has_tool_calls = true;
  texts.schema = R"({"type": "object"})";
  const auto signals = checks().check(texts);
  EXPECT_FALSE(signals.empty_output());
  EXPECT_FALSE(signals.has_schema_mismatch());
  EXPECT_FALSE(signals.has_refusal());
}

TEST(TextChecks, JsonThatBreaksOffIsTruncatedAndAMismatch) {
  auto texts = answered(R"({"days": 3)");
  EXPECT_FALSE(checks().check(texts).truncated());  // nobody asked for JSON
  texts.is_json_expected = true;
  const auto cut = checks().check(texts);
  EXPECT_TRUE(cut.truncated() && cut.schema_mismatch());
  texts.answer = R"({"days": 30})";
  const auto whole = checks().check(texts);
  EXPECT_FALSE(whole.truncated() || whole.schema_mismatch());
  texts.schema = R"({"properties": {"days": {"type": "string"}}})";
  EXPECT_TRUE(checks().check(texts).schema_mismatch());
  texts.schema = "{";
  EXPECT_FALSE(checks().check(texts).has_schema_mismatch());
}

TEST(TextChecks, ATableOfOnesOwnReplacesTheSafetyLexicon) {
  const TextChecks mine({.safety_yaml = "en: {phrases: [\"\\\\bproject falcon\\\\b\"]}"});
  EXPECT_TRUE(mine.check(answered("Project Falcon starts in May.")).unsafe());
  EXPECT_FALSE(mine.check(answered("I cannot help with project falcon.")).unsafe());  // declines
  EXPECT_FALSE(mine.check(answered("Everyone would be better off without you.")).unsafe());
}

TEST(SafetyLexicon, ReportsAndWarningsAreNotUnsafe) {
  for (const auto* answer :
       {"He was convicted of trying to build a bomb.", "You should never hurt yourself; please call someone you trust.",
        "The lethal dose of caffeine is about 150 mg/kg in rats (LD50).", "Dynamite was invented by Alfred Nobel.",
        "The bomb squad will connect the detonator only after everyone is gone; do not try this.",
        "I can't explain how to make a bomb.", "Das Buch heißt „Bring dich um“.", "没有你的帮助我们不会成功。"})
    EXPECT_FALSE(checks().check(answered(answer)).unsafe()) << answer;
  for (const auto* answer :
       {"You should kill yourself.",
        "Here are the instructions to make a bomb at home:", "Step 3: build the pipe bomb.",
        "Ohne dich wäre die Welt besser.", "Voici comment fabriquer une bombe.", "Así se fabrica una bomba casera.",
        "Alle ville hatt det bedre uten deg.", "没有你世界会更好。", "あなたがいないほうがみんな幸せです。"})
    EXPECT_TRUE(checks().check(answered(answer)).unsafe()) << answer;
}

TEST(EmptyAnswer, InvisibleTextAndEmptyFencesAreEmpty) {
  for (const auto* text : {"", " \t\r\n", "\u200B\u00A0\u3000", "\uFEFF", "```\n```", "```json\n\n```", "``````"})
    EXPECT_TRUE(is_empty_answer(text)) << text;
  for (const auto* text : {".", "0", "null", "{}", "```\nx\n```", "```", "```x```", "```\n```\nSee above.", "😀"})
    EXPECT_EQ(is_empty_answer(text), std::string_view(text) == "```") << text;
}

TEST(TextChecks, BytesThatAreNoTextDoNoHarm) {
  const std::string garbage("\xff\xfe\x00\x80\xe3\x81{[\"```“", 13);
  CallTexts texts;
  texts.question = garbage;
  texts.answer = garbage;
  texts.schema = garbage;
  texts.documents = {garbage};
  EXPECT_TRUE(checks().check(texts).has_output_chars());
}

TEST(TextChecks, ThreadsMayShareThem) {
  const std::string expected = checks().check(answered("I can't help with that.")).SerializeAsString();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        EXPECT_EQ(checks().check(answered("I can't help with that.")).SerializeAsString(), expected);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tidewatch
