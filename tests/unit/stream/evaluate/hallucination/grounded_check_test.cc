#include "stream/evaluate/hallucination/grounded_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kPolicy{
    "Refunds. Orders can be returned within 30 days of delivery. Shipping costs are refunded for damaged goods only. "
    "Contact Maria Jensen at the Bergen office for questions about refunds.",
    "Opening hours. The Bergen office is open from 9 to 16 on weekdays. Orders above 500 kroner ship for free."};

Grounded checked(const std::string& answer, const std::string& question = "") {
  static const GroundedCheck check;
  return check.check(answer, kPolicy, question).value();
}
double value(const CheckedClaim& claim, std::string_view name) {
  for (size_t i = 0; i < ClaimEvidence::kNames.size(); ++i)
    if (ClaimEvidence::kNames[i] == name) return claim.found.evidence.values[i];
  ADD_FAILURE() << "no evidence " << name;
  return -1;
}

TEST(GroundedCheck, SupportsWhatTheDocumentsSay) {
  const auto grounded = checked("Orders can be returned within 30 days of delivery.");
  EXPECT_GT(grounded.support, 0.8);
  EXPECT_EQ(grounded.supported_share, 1);
  EXPECT_EQ(grounded.why(), "all 1 claims are borne out by the documents");
}

TEST(GroundedCheck, FindsTheSentenceThatCameFromNowhere) {
  const auto grounded =
      checked("Orders can be returned within 30 days of delivery. Gift cards expire after Christmas in Stavanger.");
  ASSERT_EQ(grounded.claims.size(), 2);
  EXPECT_EQ(grounded.weakest, 1);
  EXPECT_GT(grounded.claims[0].support, 0.8);
  EXPECT_LT(grounded.support, 0.3);
  EXPECT_GT(grounded.supported_share, 0.2);
  EXPECT_LT(grounded.supported_share, 0.8);
  EXPECT_THAT(grounded.claims[1].found.missing, Contains("stavanger"));
  EXPECT_THAT(grounded.why(), HasSubstr("1 of 2 claims not borne out by the documents; least: \"Gift cards"));
  EXPECT_THAT(grounded.why(), HasSubstr("missing: gift, cards"));
}

TEST(GroundedCheck, SeesWrongNumbersNamesAndTurnedStatements) {
  const double right = checked("Orders can be returned within 30 days of delivery.").support;

  const auto number = checked("Orders can be returned within 90 days of delivery.");
  EXPECT_LT(number.support, right);
  EXPECT_LT(number.support, 0.5);
  EXPECT_EQ(value(number.claims[0], "missing_numbers"), 1);
  EXPECT_EQ(value(number.claims[0], "other_number"), 1);
  EXPECT_THAT(number.claims[0].found.missing, ElementsAre("90"));

  const auto name = checked("Ask for Maria Hansen at the Bergen office for questions about refunds.");
  EXPECT_DOUBLE_EQ(value(name.claims[0], "missing_names"), 1.0 / 3);  // of maria, hansen, bergen
  EXPECT_THAT(name.claims[0].found.missing, ElementsAre("ask", "hansen"));
  EXPECT_LT(name.support, checked("Ask for Maria Jensen at the Bergen office for questions about refunds.").support);

  const auto denied = checked("Orders cannot be returned within 30 days of delivery.");
  EXPECT_EQ(value(denied.claims[0], "denied"), 1);
  EXPECT_LT(denied.support, right);

  const auto opposed = checked("Orders below 500 kroner ship for free.");
  EXPECT_EQ(value(opposed.claims[0], "opposed"), 1);
  EXPECT_LT(opposed.support, checked("Orders above 500 kroner ship for free.").support);

  // A number of the documents, but not of the passage.
  const auto borrowed = checked("Orders can be returned within 16 days of delivery.");
  EXPECT_EQ(value(borrowed.claims[0], "missing_numbers"), 0);
  EXPECT_EQ(value(borrowed.claims[0], "other_number"), 1);
}

TEST(GroundedCheck, TakesTheQuestionsWordsForNoNews) {
  const std::string question = "Which person do I contact in Bergen about lost parcels?";
  const auto right = checked("You contact Maria Jensen about lost parcels.", question);
  const auto wrong = checked("You contact Per Olsen about lost parcels.", question);
  EXPECT_EQ(value(right.claims[0], "missing"), 0);
  EXPECT_EQ(value(wrong.claims[0], "missing"), 1);
  EXPECT_GT(right.support, 0.5);
  EXPECT_LT(wrong.support, 0.2);
  EXPECT_EQ(value(checked("Contact Bergen about lost parcels.", question).claims[0], "adds_nothing"), 1);
}

TEST(GroundedCheck, ForgivesOtherFormsOfAWordButNotOfAName) {
  EXPECT_EQ(value(checked("Delivered orders were returned.").claims[0], "missing"), 0);  // by stem
  const auto form = checked("They are refundable.");                                     // by likeness to "refunded"
  EXPECT_EQ(value(form.claims[0], "missing"), 0);
  EXPECT_THAT(checked("You should ask Maria Jansen.").claims[0].found.missing, Contains("jansen"));
}

TEST(GroundedCheck, PointsAtThePassage) {
  EXPECT_THAT(checked("The Bergen office is open on weekdays.").claims[0].found.passage,
              HasSubstr("The Bergen office is open from 9 to 16 on weekdays."));
  const auto none = checked("Penguins swim gracefully.");
  EXPECT_EQ(none.claims[0].found.passage, "");
  EXPECT_EQ(value(none.claims[0], "no_passage"), 1);
}

TEST(GroundedCheck, ReadsJapaneseAndChinese) {
  const GroundedCheck check;
  const std::vector<std::string> documents{"東京タワーは1958年に完成した。高さは333メートルである。"};
  const auto right = check.check("東京タワーの高さは333メートルです。", documents, "").value();
  const auto wrong = check.check("大阪城の建設は1583年に始まりました。", documents, "").value();
  EXPECT_GT(right.support, wrong.support);
  EXPECT_LT(wrong.support, 0.3);
}

TEST(GroundedCheck, SaysNothingWhereNothingIsClaimedOrKnown) {
  const GroundedCheck check;
  EXPECT_FALSE(check.check("Orders can be returned.", {}, ""));
  EXPECT_FALSE(check.check("", kPolicy, ""));
  EXPECT_FALSE(check.check("Yes.", kPolicy, ""));
  EXPECT_FALSE(check.check("What do you mean by returned orders?", kPolicy, ""));
  EXPECT_TRUE(check.check("Orders can be returned.", {"", "  "}, ""));  // empty documents support nothing
  EXPECT_LT(check.check("Orders can be returned.", {""}, "")->support, 0.3);
}

TEST(GroundedCheck, SurvivesWhatIsNoText) {
  const GroundedCheck check;
  EXPECT_NO_FATAL_FAILURE((void)check.check("\xff\xfe orders \x80 returned.", {"\xf0\x28 orders. \xc3"}, "\xff?"));
  const std::string endless(100'000, 'a');
  EXPECT_TRUE(check.check(endless, {endless}, ""));
}

TEST(GroundednessWeights, AreOfEachPartOfTheEvidence) {
  const auto weights = GroundednessWeights::embedded();
  ClaimEvidence none;
  EXPECT_EQ(weights.log_odds(none), weights.bias);
  EXPECT_LT(weights.bias, 0);
  ClaimEvidence all;
  all.values.fill(1);
  EXPECT_GT(weights.log_odds(all), 2);
}

}  // namespace
}  // namespace tidewatch
