#include "stream/signals/fingerprint.h"

#include <gtest/gtest.h>

#include <string>

namespace tidewatch {
namespace {

int distance(std::string_view a, std::string_view b) {
  return fingerprint_distance(question_fingerprint(a).value(), question_fingerprint(b).value());
}

TEST(QuestionFingerprint, CasePunctuationAndSpaceDoNotCount) {
  EXPECT_EQ(distance("Can I return shoes after three weeks?", "  can i return SHOES, after three weeks"), 0);
  EXPECT_EQ(distance("三週間後に靴を返品できますか？", "三週間後に靴を返品できますか"), 0);
}

TEST(QuestionFingerprint, AChangedWordStaysNearerThanAnotherQuestion) {
  const std::string asked = "Can I return shoes that I bought online after three weeks without the box?";
  const int near = distance(asked, "Can I return shoes that I bought online after four weeks without the box?");
  const int far = distance(asked, "What is the capital of Norway and how many people live there today?");
  EXPECT_LE(near, 16);
  EXPECT_GE(far, 20);
  const std::string japanese = "三週間前にオンラインで買った靴を返品できますか";
  EXPECT_LT(distance(japanese, "四週間前にオンラインで買った靴を返品できますか"),
            distance(japanese, "ノルウェーの首都はどこで人口は何人ですか"));
}

TEST(QuestionFingerprint, TextWithoutLettersHasNone) {
  EXPECT_FALSE(question_fingerprint(""));
  EXPECT_FALSE(question_fingerprint(" ?!… "));
  EXPECT_TRUE(question_fingerprint(std::string("\xff\xfe\x80", 3)));  // not UTF-8: still a stable number
}

}  // namespace
}  // namespace tidewatch
