#include "stream/evaluate/hallucination/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Claims, AreSentencesWithoutQuestions) {
  EXPECT_THAT(claims_of("The refund takes 5 days. It is free! Do you want more?"),
              ElementsAre("The refund takes 5 days.", "It is free!"));
  EXPECT_THAT(claims_of("1. Paris\n2. Rome\n"), ElementsAre("Paris", "Rome"));
  EXPECT_THAT(claims_of(""), IsEmpty());
  EXPECT_THAT(claims_of("\n .. ?"), IsEmpty());
}

TEST(Claims, KeepWhatTheyQuote) {
  EXPECT_THAT(claims_of("The song is \"Purple Rain\". It was “a hit”."),
              ElementsAre("The song is Purple Rain.", "It was a hit."));
}

TEST(Claims, GoOnAfterAbbreviationsAndInitials) {
  EXPECT_THAT(claims_of("J. K. Rowling wrote it. Dr. Who did not."),
              ElementsAre("J. K. Rowling wrote it.", "Dr. Who did not."));
  EXPECT_THAT(claims_of("He lives in St. Louis."), ElementsAre("He lives in St. Louis."));
}

TEST(Claims, PartWhereSentencesStickTogether) {
  EXPECT_THAT(whole_sentences("It began in the 19th century.First for Women is new (2001).The end", 1000),
              ElementsAre("It began in the 19th century.", "First for Women is new (2001).", "The end"));
  EXPECT_THAT(whole_sentences("He joined the U.S. Army with version 3.5 of Node.js.", 1000),
              ElementsAre("He joined the U.S. Army with version 3.5 of Node.js."));
}

TEST(Claims, LeaveCodeTablesAndAddressesOut) {
  EXPECT_THAT(claims_of("Use this:\n```\nint x = 5;\n```\n| a | b |\nSee https://example.org/x for more."),
              ElementsAre("Use this:", "See for more."));
}

TEST(Claims, LookAtNoMoreThanAsked) {
  EXPECT_THAT(whole_sentences("One is here. Two is there.", 12), ElementsAre("One is here."));
}

}  // namespace
}  // namespace tidewatch
