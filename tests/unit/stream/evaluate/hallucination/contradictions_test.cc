#include "stream/evaluate/hallucination/contradictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidewatch {
namespace {

TEST(Contradictions, KnowWhatDenies) {
  const auto table = Contradictions::embedded();
  EXPECT_TRUE(table.denies(words_of("Refunds are not possible.")));
  EXPECT_TRUE(table.denies(words_of("It isn't open.")));
  EXPECT_TRUE(table.denies(words_of("Das ist nicht erlaubt.")));
  EXPECT_FALSE(table.denies(words_of("Refunds are possible. Notes are kept.")));
}

TEST(Contradictions, KnowWordsThatExcludeEachOther) {
  const auto table = Contradictions::embedded();
  EXPECT_TRUE(table.are_opposed(words_of("Prices increased."), words_of("Prices decreased.")));
  EXPECT_TRUE(table.are_opposed(words_of("Prices decreased."), words_of("Prices increased.")));
  EXPECT_TRUE(table.are_opposed(words_of("the northern part"), words_of("the Southern part")));
  EXPECT_FALSE(table.are_opposed(words_of("Prices increased."), words_of("Prices increased.")));
  // Who says both says neither.
  EXPECT_FALSE(table.are_opposed(words_of("It won and lost."), words_of("It lost.")));
  EXPECT_FALSE(table.are_opposed(words_of("It won."), words_of("It won and lost.")));
}

TEST(Contradictions, NameWhatIsWrongWithATable) {
  EXPECT_THAT(Contradictions::parse({{"xx.yaml", "antonyms: [[a, b, c]]"}}).error().message,
              testing::HasSubstr("xx.yaml: antonyms are pairs, not 3 words"));
  EXPECT_THAT(Contradictions::parse({{"xx.yaml", "antonyms: [[professional, professor]]"}}).error().message,
              testing::HasSubstr("professional and professor have the same stem"));
  EXPECT_THAT(Contradictions::parse({{"xx.yaml", "antonyms: [oops"}}).error().message, testing::HasSubstr("xx.yaml"));
}

}  // namespace
}  // namespace tidewatch
