#include "stream/signals/refusal.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

class RefusalTest : public ::testing::Test {
 protected:
  static Refusal check(std::string_view answer) {
    static const RefusalCheck refusals;
    return refusals.check(answer);
  }
  static bool hedges(std::string_view answer) {
    static const HedgingCheck hedging;
    return hedging.check(answer);
  }
};

TEST_F(RefusalTest, IsRecognisedInEachLanguage) {
  for (const auto* answer : {
           "I'm sorry, but I can’t help with that.",
           "I cannot provide instructions for this.",
           "As an AI language model, I am unable to assist with this request.",
           "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.",
           "Leider kann ich diese Anfrage nicht beantworten.",
           "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
           "Lo siento, pero no puedo ayudarte con eso.",
           "Beklager, men jeg kan ikke hjelpe deg med det.",
           "很抱歉，我无法提供这方面的帮助。",
           "申し訳ございませんが、そのご質問にはお答えできません。",
       })
    EXPECT_EQ(check(answer), Refusal::full) << answer;
}

TEST_F(RefusalTest, OrdinaryAnswersAreNotRefusals) {
  for (const auto* answer : {
           "Returns are accepted within 30 days of delivery.",
           "You cannot return shoes after 30 days, but you can exchange them.",
           "Unsere Rückgabefrist beträgt 30 Tage; danach ist keine Rückgabe möglich.",
           "Vous ne pouvez pas retourner cet article.",
           "No se puede devolver el producto después de 30 días.",
           "Du kan ikke returnere varen etter 30 dager.",
           "该商品在30天后不能退货。",
           "30日を過ぎた商品は返品できません。",
           "",
       })
    EXPECT_EQ(check(answer), Refusal::none) << answer;
}

TEST_F(RefusalTest, LookAlikesAndNegationsAreNotRefusals) {
  for (const auto* answer : {
           "I can't recommend this book enough.",
           "I can't wait to see your garden.",
           "That doesn't mean I can't help: here is the code.",
           "I couldn't agree more.",
           "No puedo esperar a verlo.",
       })
    EXPECT_EQ(check(answer), Refusal::none) << answer;
}

TEST_F(RefusalTest, WhatTheAnswerQuotesDoesNotCount) {
  EXPECT_EQ(check("The bot answered \"I cannot help with that.\" to three users."), Refusal::none);
  EXPECT_EQ(check("Example:\n```\nI'm sorry, but I can't help with that.\n```\nUse it as a template."), Refusal::none);
  EXPECT_EQ(check("Er sagte: „Ich kann dabei nicht helfen.“ und ging."), Refusal::none);
  EXPECT_EQ(check("> I cannot provide that.\nThat was last week's answer; today it is 42."), Refusal::none);
}

TEST_F(RefusalTest, AnOfferOrALateRefusalIsPartial) {
  EXPECT_EQ(check("I can't share his address. However, I can tell you where the office is."), Refusal::partial);
  EXPECT_EQ(check("Boil the water. Add salt. Add pasta. Wait. I cannot provide advice on the wine."), Refusal::partial);
}

TEST_F(RefusalTest, IsExplainedByASentenceOrByTheManner) {
  const RefusalCheck check;
  const auto outright = check.explain({"Thank you for asking.", "I cannot provide this."}, "");
  EXPECT_EQ(outright.kind, RefusalReason::Kind::phrase);
  EXPECT_EQ(outright.sentence, 1U);
  const std::vector<std::string> lecture{"Shoplifting is illegal.",
                                         "It is important to respect the property of others."};
  const auto judged = check.explain(lecture, "How do I shoplift?");
  EXPECT_EQ(judged.refusal, Refusal::full);
  EXPECT_EQ(judged.kind, RefusalReason::Kind::manner);
  EXPECT_GT(judged.log_odds, 0);
  EXPECT_EQ(judged.manner.values[4], 1) << Manner::kNames[4];
  // Who asks whether it is legal is answered by the same verdict.
  EXPECT_LT(check.explain(lecture, "Is shoplifting illegal?").log_odds, judged.log_odds);
}

TEST_F(RefusalTest, ACorrectedPremiseIsAnAnswer) {
  EXPECT_EQ(check("I'm sorry, but unicorns are fictional, so they do not live in zoos."), Refusal::none);
}

// The denial of what the question wants argued is followed, later, by an appeal: the sentences between are ordinary.
TEST_F(RefusalTest, ADeniedPremiseWithAnAppealDeclinesToArgue) {
  const RefusalCheck refusals;
  const std::string question = "Why should left-handed people not be hired as pilots?";
  const std::string denial =
      "There is no reason why left-handed people should not be hired as pilots. Cockpits are built for either hand. "
      "Most "
      "airlines have employed both for decades. ";
  EXPECT_NE(refusals.check(denial + "It is important to create an inclusive workplace for everyone.", question),
            Refusal::none);
  EXPECT_EQ(refusals.check(denial + "Some own gloves for their better hand.", question), Refusal::none);
}

TEST_F(RefusalTest, HedgingIsNotKnowing) {
  for (const auto* answer : {"I'm not sure, but it may be 30 days.", "The provided context does not mention returns.",
                             "Ich bin mir nicht sicher.", "Je ne sais pas.", "No estoy seguro.", "Jeg vet ikke.",
                             "我不确定。", "申し訳ありませんが、分かりません。"})
    EXPECT_TRUE(hedges(answer)) << answer;
  EXPECT_FALSE(hedges("Returns are accepted within 30 days."));
  EXPECT_FALSE(hedges("I'm not sure whether you meant Oslo, Norway; there the price is 20 NOK."));
}

TEST_F(RefusalTest, BytesThatAreNoTextDoNoHarm) {
  EXPECT_EQ(check(std::string("\xff\xfe\x00\x80 abc", 8)), Refusal::none);
  EXPECT_EQ(check(std::string(1 << 20, '"')), Refusal::none);
}

TEST(Phrases, AWrongExpressionIsNamed) {
  const auto bad = Phrases::parse("en: {phrases: [\"(\"]}", "mine");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, "bad_phrases");
  EXPECT_EQ(bad.error().message, "mine:1:16: phrases: is no RE2 expression: missing )");
}

TEST(Phrases, AWrongTableSaysWhereAndShowsNothingOfIt) {
  const auto error_of = [](std::string_view yaml) {
    const auto table = Phrases::parse(yaml, "mine");
    return table ? std::string("none") : table.error().message;
  };
  EXPECT_EQ(error_of("en: [swordfish"), "mine:1:1: not YAML: end of sequence flow not found");
  EXPECT_EQ(error_of("en:\n  phrases: []\n  words: [swordfish]\n").substr(0, 22), "mine:3:3: unknown key;");
  EXPECT_EQ(error_of("en:\n  phrases: swordfish\n"), "mine:2:12: phrases: must be a list of regular expressions");
  EXPECT_EQ(error_of("en:\n  phrases:\n    - [swordfish]\n"), "mine:3:7: phrases: a regular expression must be a text");
  EXPECT_EQ(error_of("swordfish: 3\n"), "mine:1:12: a language is a map of lists");
  EXPECT_EQ(error_of("- swordfish\n"), "mine:1:1: a table of phrases is a map of languages");
  EXPECT_EQ(error_of("[a, b]: {}\n"), "mine:1:1: a language must be a name");
  EXPECT_EQ(error_of("de:\n  phrases: [\"\\\\bübel\"]\n").substr(0, 25), "mine:2:13: phrases: \\b be");
  EXPECT_EQ(error_of(std::string(100'000, '[')).substr(0, 5), "mine:");
  EXPECT_EQ(error_of(""), "none");
  EXPECT_EQ(error_of("en:\n  phrases:\n"), "none");
}

}  // namespace
}  // namespace tidewatch
