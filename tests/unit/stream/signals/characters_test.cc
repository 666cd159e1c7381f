#include "stream/signals/characters.h"

#include <gtest/gtest.h>

#include "stream/signals/words.h"

namespace tidewatch {
namespace {

TEST(Characters, AreCountedAsCodePointsAndBrokenBytesOneByOne) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("Ål"), 2U);
  EXPECT_EQ(count_characters("日本語"), 3U);
  EXPECT_EQ(count_characters("😀"), 1U);
  EXPECT_EQ(count_characters("\xFF\xFE"), 2U);
  EXPECT_EQ(count_characters("\xE6\x97"), 2U);      // breaks off inside a character
  EXPECT_EQ(count_characters("\xC0\xAF"), 2U);      // overlong
  EXPECT_EQ(count_characters("\xED\xA0\x80"), 3U);  // surrogate
}

TEST(Characters, ScriptsAndCaseAreTold) {
  EXPECT_EQ(script_of(U'a'), Script::latin);
  EXPECT_EQ(script_of(U'Ł'), Script::latin);
  EXPECT_EQ(script_of(U'ж'), Script::cyrillic);
  EXPECT_EQ(script_of(U'日'), Script::han);
  EXPECT_EQ(script_of(U'の'), Script::kana);
  EXPECT_EQ(script_of(U'한'), Script::hangul);
  EXPECT_EQ(script_of(U'ع'), Script::arabic);
  EXPECT_EQ(script_of(U'1'), Script::none);
  EXPECT_EQ(script_of(U'。'), Script::none);
  for (const auto& [capital, small] : {std::pair{U'Å', U'å'},
                                       {U'Ł', U'ł'},
                                       {U'Ź', U'ź'},
                                       {U'Š', U'š'},
                                       {U'Ж', U'ж'},
                                       {U'Ё', U'ё'},
                                       {U'Σ', U'σ'},
                                       {U'Č', U'č'}})
    EXPECT_EQ(lower(capital), small);
  EXPECT_EQ(lower(U'ß'), U'ß');
  EXPECT_EQ(lower(U'×'), U'×');
}

std::vector<std::string> texts(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& word : words_of(text)) out.push_back(word.text);
  return out;
}

TEST(Words, AreLettersAndDigitsAndCharactersWhereThereAreNoSpaces) {
  EXPECT_EQ(texts("Don't pay 1,234.50 NOK."), (std::vector<std::string>{"don", "t", "pay", "1234.50", "nok"}));
  EXPECT_EQ(texts("退货3天"), (std::vector<std::string>{"退", "货", "3", "天"}));
  EXPECT_EQ(texts("  ...!"), std::vector<std::string>{});
}

TEST(Words, NamesAreToldFromBeginningsOfSentences) {
  const auto words = words_of("Ask Anna. She knows");
  EXPECT_TRUE(words[0].starts_sentence);
  EXPECT_TRUE(words[1].is_capitalised && !words[1].starts_sentence);
  EXPECT_TRUE(words[2].starts_sentence);
  EXPECT_FALSE(words[3].is_capitalised);
}

}  // namespace
}  // namespace tidewatch
