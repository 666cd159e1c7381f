#include "stream/session/rephrase.h"

#include <gtest/gtest.h>

namespace tidewatch {
namespace {

Step asked(uint64_t fingerprint, std::optional<uint64_t> content = {}, uint64_t numbers = 0) {
  Step out;
  out.fingerprint = fingerprint;
  out.content = content;
  out.numbers = numbers;
  return out;
}

TEST(Rephrase, TheNearerOfTheTwoFingerprintsCounts) {
  EXPECT_EQ(question_distance(asked(0b1111), asked(0)), 4);
  EXPECT_EQ(question_distance(asked(0b1111, 0b1), asked(0, 0)), 1);
  EXPECT_EQ(question_distance(asked(0b1, 0b1111), asked(0, 0)), 1);
  EXPECT_EQ(question_distance(asked(0b1111, 0b1), asked(0)), 4) << "one of them has no content words";
}

TEST(Rephrase, OfQuestionsThatWereNotRecordedNothingIsSaid) {
  EXPECT_EQ(question_distance(Step(), asked(0)), std::nullopt);
  EXPECT_EQ(is_rephrase(Step(), asked(0), {}), std::nullopt);
}

TEST(Rephrase, AnotherNumberIsAnotherQuestion) {
  EXPECT_EQ(is_rephrase(asked(0, 0, 0b001), asked(0, 0, 0b010), {}), false);
  EXPECT_EQ(is_rephrase(asked(0, 0, 0b011), asked(0, 0, 0b010), {}), true) << "one number is in both";
  EXPECT_EQ(is_rephrase(asked(0, 0, 0b001), asked(0, 0), {}), true) << "the number is not said again";
  EXPECT_EQ(is_rephrase(asked(0, 0, 0b0111), asked(0, 0, 0b11'0100), {}), false) << "one of three by chance";
}

TEST(Rephrase, TheLimitIsPartOfIt) {
  SessionOptions options;
  options.rephrase_distance = 3;
  EXPECT_EQ(is_rephrase(asked(0b111), asked(0), options), true);
  EXPECT_EQ(is_rephrase(asked(0b1111), asked(0), options), false);
}

}  // namespace
}  // namespace tidewatch
