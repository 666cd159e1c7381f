#include "stream/signals/groundedness.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

const Languages& languages() {
  static const Languages all = Languages::embedded();
  return all;
}
double share(std::string_view answer, const std::vector<std::string>& documents) {
  return groundedness(answer, documents, languages()).value();
}

const std::vector<std::string> kPolicy = {"Shoes may be returned within 30 days of delivery.",
                                          "Refunds are paid to the card that was used. Contact: Oslo office."};

TEST(Groundedness, WordsOfTheDocumentsAreGroundedWhateverTheirForm) {
  EXPECT_EQ(share("You may return a shoe within 30 days of the delivery.", kPolicy), 1);
  EXPECT_EQ(share("退货期限为三十天。", {"本店的退货期限为三十天，请保留发票。"}), 1);
}

TEST(Groundedness, WhatCameFromNowhereLowersIt) {
  EXPECT_LT(share("Bananas are cheap in summer.", kPolicy), 0.01);
  const double half = share("Refunds are paid in gold.", kPolicy);
  EXPECT_GT(half, 0.5);
  EXPECT_LT(half, 0.8);
}

TEST(Groundedness, AWrongNumberOrNameCostsMoreThanAWrongWord) {
  const double right = share("Shoes can be returned within 30 days.", kPolicy);
  const double word = share("Shoes can be exchanged within 30 days.", kPolicy);
  const double number = share("Shoes can be returned within 60 days.", kPolicy);
  EXPECT_EQ(right, 1);
  EXPECT_LT(word, right);
  EXPECT_LT(number, word);
  EXPECT_LT(share("Ask the Bergen office.", kPolicy), share("Ask the nice office.", kPolicy));
}

TEST(Groundedness, NumbersAreComparedWhole) {
  EXPECT_EQ(share("1234", {"It costs 1,234 NOK."}), 1);
  EXPECT_EQ(share("123", {"It costs 1,234 NOK."}), 0);
}

TEST(Groundedness, NothingIsSaidWithoutDocumentsOrContent) {
  EXPECT_FALSE(groundedness("Shoes may be returned.", {}, languages()));
  EXPECT_FALSE(groundedness("It is.", kPolicy, languages()));
  EXPECT_FALSE(groundedness("", kPolicy, languages()));
  EXPECT_EQ(share("Shoes", {""}), 0);
}

}  // namespace
}  // namespace tidewatch
