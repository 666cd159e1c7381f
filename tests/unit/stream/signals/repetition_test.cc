#include "stream/signals/repetition.h"

#include <gtest/gtest.h>

#include <string>

namespace tidewatch {
namespace {

std::string times(int n, const std::string& text) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

TEST(Repetition, LoopsOfWordsLinesAndSentences) {
  EXPECT_TRUE(is_repetitive(times(12, "the same ")));
  EXPECT_TRUE(is_repetitive("The parcel left Oslo on Monday. " + times(6, "Please contact our support team. ")));
  EXPECT_TRUE(is_repetitive("Ingredients:\n" + times(8, "- two cups of flour\n")));
  EXPECT_TRUE(is_repetitive("Sure! " + times(5, "I can help you with that, and I am glad to do so. ") + "I can help"));
  EXPECT_TRUE(is_repetitive(times(30, "はい、そうです。")));
  EXPECT_TRUE(is_repetitive("答案是这样的：" + times(10, "请稍后再试，")));
}

TEST(Repetition, ALoopMayBeFollowedByMoreText) {
  EXPECT_TRUE(
      is_repetitive(times(20, "and then we go on ") + "until the work is done and everybody goes home for dinner."));
}

TEST(Repetition, SentencesSaidAgainApartFromEachOther) {
  std::string text;
  for (const auto* between : {"First of all.", "Then again.", "After that.", "Once more.", "At last."})
    text += std::string("You have to restart the router before you call us. ") + between + " ";
  EXPECT_TRUE(is_repetitive(text));
}

TEST(Repetition, ListsTablesAndCodeAreNoLoops) {
  EXPECT_FALSE(
      is_repetitive("Monday: open from 9 to 17\nTuesday: open from 9 to 17\nWednesday: open from 9 to 17\n"
                    "Thursday: open from 9 to 17\nFriday: open from 9 to 17\nSaturday: open from 9 to 17\n"));
  EXPECT_FALSE(is_repetitive("| item | stock |\n|---|---|\n" + times(20, "| none | none |\n")));
  EXPECT_FALSE(is_repetitive("Run this:\n```\n" + times(20, "x = x + 1\n") + "```\n"));
  EXPECT_FALSE(is_repetitive("The matrix is\n" + times(12, "0 0 0 0\n")));
  EXPECT_FALSE(
      is_repetitive("1. Add the eggs.\n2. Add the milk.\n3. Add the flour.\n4. Add the sugar.\n5. Add the salt.\n"
                    "6. Add the butter.\n7. Add the yeast.\n"));
}

TEST(Repetition, PoemsWithRefrainsAndEmphasisAreNoLoops) {
  EXPECT_FALSE(is_repetitive(
      "The ship sets out at break of day,\nRow, sailors, row along.\nThe harbour lights have slipped away,\n"
      "Row, sailors, row along.\nThe wind is high, the water grey,\nRow, sailors, row along.\n"
      "We shall not see the land till May,\nRow, sailors, row along.\n"));
  EXPECT_FALSE(is_repetitive("No, no, no, no! You must never mix these two, never, never, never."));
  EXPECT_FALSE(is_repetitive("とてもとてもとても大きい犬がいました。"));
  EXPECT_FALSE(is_repetitive("哈哈哈哈哈，这个笑话真好笑。"));
}

TEST(Repetition, OrdinaryAndEmptyTextsAreNoLoops) {
  EXPECT_FALSE(is_repetitive(""));
  EXPECT_FALSE(is_repetitive("Returns are accepted within 30 days of delivery, as long as the box was not opened."));
  EXPECT_FALSE(is_repetitive(std::string(100'000, '\xFF')));
}

}  // namespace
}  // namespace tidewatch
