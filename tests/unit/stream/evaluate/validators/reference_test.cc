#include "stream/evaluate/validators/reference.h"

#include <gmock/gmock.h>

#include "tests/generated_part.h"

namespace tidewatch {
namespace {

TEST(ValidatorReference, OfTheRepositoryIsTheGeneratedOne) {
  expect_generated_part("validators.md", "validators", validator_reference());
}

TEST(ValidatorReference, SaysNameDefaultRangeAndMeaning) {
  EXPECT_THAT(validator_reference(),
              ::testing::HasSubstr("### numbers\nThe numbers of the answer are in what was retrieved.\n\n"
                                   "| parameter | value | default | meaning |\n|---|---|---|---|\n"
                                   "| `ignore_up_to` | integer, 0 to 1000 | `1` | "));
}

}  // namespace
}  // namespace tidewatch
