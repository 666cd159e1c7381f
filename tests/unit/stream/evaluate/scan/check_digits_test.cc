#include "stream/evaluate/scan/check_digits.h"

#include <gtest/gtest.h>

#include <string>

namespace tidewatch {
namespace {

struct Number {
  const char* name;
  bool (*is_valid)(std::string_view);
  std::string valid;
  double most_random;  ///< share of its one-digit changes that may pass: what the check cannot see
};

class CheckDigits : public testing::TestWithParam<Number> {};

TEST_P(CheckDigits, TakeTheNumberAndHardlyAnyOneDigitChange) {
  const auto& [name, is_valid, valid, most_random] = GetParam();
  EXPECT_TRUE(is_valid(valid));
  int changed = 0;
  int taken = 0;
  for (size_t i = 0; i < valid.size(); ++i)
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string other = valid;
      if (valid[i] < '0' || valid[i] > '9' || digit == valid[i]) continue;
      other[i] = digit;
      ++changed;
      taken += is_valid(other) ? 1 : 0;
    }
  EXPECT_LE(taken, most_random * changed) << taken << " of " << changed;
}

TEST_P(CheckDigits, RefuseOtherLengthsAndCharacters) {
  const auto& [name, is_valid, valid, most_random] = GetParam();
  EXPECT_FALSE(is_valid(""));
  EXPECT_FALSE(is_valid(valid.substr(1)));
  EXPECT_FALSE(is_valid(valid + "0"));
  std::string broken = valid;
  broken[4] = '?';
  EXPECT_FALSE(is_valid(broken));
}

// All of them see any single wrong digit, but for the American number, which has none to check.
INSTANTIATE_TEST_SUITE_P(
    Numbers, CheckDigits,
    testing::Values(
        Number{"visa", is_card_number, "4532015112830366", 0}, Number{"amex", is_card_number, "378282246312340", 0},
        Number{"iban_no", is_iban, "NO9386011117947", 0}, Number{"iban_gb", is_iban, "GB82WEST12345698765432", 0},
        Number{"norwegian", is_norwegian_id, "15079344076", 0}, Number{"swedish", is_swedish_id, "8112189876", 0},
        Number{"finnish", is_finnish_id, "131052-308T", 0}, Number{"spanish", is_spanish_id, "12345678Z", 0},
        Number{"foreigner", is_spanish_id, "X1234567L", 0}, Number{"french", is_french_id, "285077800608473", 0},
        Number{"polish", is_polish_id, "44051401359", 0}, Number{"german", is_german_tax_id, "86095742719", 0},
        Number{"brazilian", is_brazilian_id, "52998224725", 0}, Number{"american", is_american_id, "536904399", 1}),
    [](const auto& number) { return std::string(number.param.name); });

TEST(CheckDigits, OfTheItalianCodeAreALetter) {
  EXPECT_TRUE(is_italian_id("RSSMRA85T10A562S"));
  for (char letter = 'A'; letter <= 'Z'; ++letter)
    EXPECT_EQ(is_italian_id(std::string("RSSMRA85T10A562") + letter), letter == 'S') << letter;
  EXPECT_FALSE(is_italian_id("RSSMRA85T10A56"));
  EXPECT_FALSE(is_italian_id("R5SMRA85T10A562S"));
}

TEST(CheckDigits, OfNumbersThatAreNeverIssuedDoNotHelp) {
  EXPECT_FALSE(is_american_id("000123456"));
  EXPECT_FALSE(is_american_id("666123456"));
  EXPECT_FALSE(is_american_id("987654321"));
  EXPECT_FALSE(is_american_id("536004399"));
  EXPECT_FALSE(is_brazilian_id("11111111111"));
}

}  // namespace
}  // namespace tidewatch
