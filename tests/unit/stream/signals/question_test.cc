#include "stream/signals/question.h"

#include <gtest/gtest.h>

#include <string>

#include "stream/signals/fingerprint.h"

namespace tidewatch {
namespace {

const Languages& languages() {
  static const Languages all = Languages::embedded();
  return all;
}
uint64_t content(std::string_view text) { return content_fingerprint(words_of(text), "en", languages()).value(); }
int distance(std::string_view a, std::string_view b) { return fingerprint_distance(content(a), content(b)); }

TEST(ContentFingerprint, OrderInflectionNumbersAndGrammarDoNotCount) {
  EXPECT_EQ(distance("Can I return shoes after 14 days?", "14 days: may shoes be returned?"), 0);
}

TEST(ContentFingerprint, OneOfTwoWordsInCommonIsNoLikeness) {
  const char* const what[] = {"card", "address", "password", "invoice", "parcel", "warranty"};
  for (const auto* one : what)
    for (const auto* other : what) {
      if (one == other) continue;
      EXPECT_GT(distance(std::string("change ") + one, std::string("change ") + other), 12) << one << " " << other;
    }
}

TEST(ContentFingerprint, WithoutContentWordsThereIsNone) {
  EXPECT_FALSE(content_fingerprint(words_of("what is it?"), "en", languages()));
  EXPECT_FALSE(content_fingerprint(words_of("17 + 4"), "en", languages()));
  EXPECT_FALSE(content_fingerprint({}, "en", languages()));
}

TEST(NumberBits, AreThoseOfTheNumbers) {
  EXPECT_EQ(number_bits(words_of("no number here")), 0u);
  EXPECT_EQ(number_bits(words_of("order A-17")), number_bits(words_of("where is 17?")));
  EXPECT_EQ(number_bits(words_of("1,234.5")), number_bits(words_of("1234.5")));
  EXPECT_EQ(number_bits(words_of("3 of 4")), number_bits(words_of("3")) | number_bits(words_of("4")));
}

TEST(Readability, IsWordsOfASentencePlusPercentageOfLongWords) {
  EXPECT_DOUBLE_EQ(readability_lix(words_of("The cat sat on the mat.")).value(), 6);
  EXPECT_DOUBLE_EQ(readability_lix(words_of("Certificates accompany every pallet. Who signs?")).value(),
                   6 / 2.0 + 100 * 2 / 6.0);
}

TEST(Readability, LettersCountNotBytes) {
  EXPECT_DOUBLE_EQ(readability_lix(words_of("Тропа")).value(), 1) << "five letters of two bytes";
}

TEST(Readability, SaysNothingWithoutWordsOrOfScriptsWithoutSpaces) {
  EXPECT_FALSE(readability_lix({}));
  EXPECT_FALSE(readability_lix(words_of("三週間後に靴を返品できますか")));
}

}  // namespace
}  // namespace tidewatch
