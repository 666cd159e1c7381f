#include "app/testset/ideal_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidewatch {
namespace {

double overlap(std::string_view answer, const std::vector<std::string>& ideals) {
  return ideal_overlap(answer, ideals);
}

TEST(IdealOverlap, IsF1OfTheWords) {
  EXPECT_DOUBLE_EQ(overlap("From nine to five.", {"from NINE to five"}), 1);
  // Two words shared of four said and three wanted: precision 1/2, recall 2/3.
  EXPECT_DOUBLE_EQ(overlap("we open at nine", {"open nine hours"}), 4.0 / 7);
  EXPECT_DOUBLE_EQ(overlap("no idea", {"from nine"}), 0);
}

TEST(IdealOverlap, TakesTheBestOfSeveral) { EXPECT_DOUBLE_EQ(overlap("house", {"home", "house"}), 1); }

TEST(IdealOverlap, CountsAWordAsOftenAsBothHaveIt) { EXPECT_DOUBLE_EQ(overlap("yes yes yes yes", {"yes"}), 2.0 / 5); }

TEST(IdealOverlap, OfNothing) {
  EXPECT_DOUBLE_EQ(overlap("", {"from nine"}), 0);
  EXPECT_DOUBLE_EQ(overlap("...", {""}), 1) << "both say no word";
  EXPECT_DOUBLE_EQ(overlap("word", {}), 0);
}

}  // namespace
}  // namespace tidewatch
