#include "stream/evaluate/hallucination/self_consistency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace tidewatch {
namespace {

using testing::ElementsAre;

SelfConsistency of(const std::vector<std::string>& answers, const std::string& question = "") {
  static const auto languages = Languages::embedded();
  static const auto contradictions = Contradictions::embedded();
  return *self_consistency(answers, question, languages, contradictions);
}

TEST(SelfConsistency, IsWholeWhereAllSayTheSameInAFewMoreWords) {
  const auto found = of({"Paris", "The capital of France is Paris.", "Paris is the capital of France."},
                        "What is the capital of France?");
  EXPECT_EQ(found.agreement, 1);
  EXPECT_EQ(found.agreement_of_first, 1);
  EXPECT_EQ(found.entropy, 0);
  EXPECT_THAT(found.group, ElementsAre(0, 0, 0));
}

TEST(SelfConsistency, IsNoneWhereEachInventsSomethingElse) {
  const auto found =
      of({"Paul Newman", "It was Robert Redford.", "Steve McQueen", "James Dean played him"}, "Who played the role?");
  EXPECT_EQ(found.agreement, 0);
  EXPECT_NEAR(found.entropy, 2, 1e-12);
  EXPECT_THAT(found.group, ElementsAre(0, 1, 2, 3));
}

TEST(SelfConsistency, CountsGroupsAndTheFirstAnswersPart) {
  const auto found = of({"Lyon", "Paris", "Paris", "Paris"}, "Which city?");
  EXPECT_THAT(found.group, ElementsAre(0, 1, 1, 1));
  EXPECT_DOUBLE_EQ(found.agreement, 0.5);
  EXPECT_EQ(found.agreement_of_first, 0);
  EXPECT_NEAR(found.entropy, -(0.25 * std::log2(0.25) + 0.75 * std::log2(0.75)), 1e-12);
}

TEST(SelfConsistency, DoesNotDependOnTheOrder) {
  const auto forwards = of({"Rome", "Paris in spring", "Paris", "Rome or Milan"}, "Which city?");
  const auto backwards = of({"Rome or Milan", "Paris", "Paris in spring", "Rome"}, "Which city?");
  EXPECT_EQ(forwards.agreement, backwards.agreement);
  EXPECT_EQ(forwards.entropy, backwards.entropy);
}

TEST(SelfConsistency, TellsNumbersDenialsAndOppositesApart) {
  EXPECT_EQ(of({"It opened in 1889.", "It opened in 1891."}, "When did it open?").agreement, 0);
  EXPECT_EQ(of({"It opened in 1889.", "The tower opened in 1889."}, "When did it open?").agreement, 1);
  EXPECT_EQ(of({"Yes", "No"}, "Is it open?").agreement, 0);
  EXPECT_EQ(of({"Yes.", "yes"}, "Is it open?").agreement, 1);
  EXPECT_EQ(of({"Refunds are possible.", "Refunds are not possible."}).agreement, 0);
  EXPECT_EQ(of({"Sales increased in spring.", "Sales decreased in spring."}).agreement, 0);
}

TEST(SelfConsistency, TellsChoicesApartThatTheQuestionOffers) {
  const std::string question = "Which was founded first, Hole or The Wolfhounds?";
  EXPECT_EQ(of({"Hole", "Wolfhounds"}, question).agreement, 0);
  EXPECT_EQ(of({"Wolfhounds", "The Wolfhounds"}, question).agreement, 1);
}

TEST(SelfConsistency, NeedsTwoAnswers) {
  const auto one = self_consistency({"Paris"}, "", Languages::embedded(), Contradictions::embedded());
  EXPECT_EQ(one.error().code, "bad_samples");
}

}  // namespace
}  // namespace tidewatch
