#include <gtest/gtest.h>

#include "stream/signals/refusal.h"
#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {
namespace {

Agreement agreement_on(const std::string& file) {
  const RefusalCheck refusals;
  Agreement out;
  for (const auto& answer : read_labelled(std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/" + file))
    out.add(refusals.check(answer.text, answer.question) != Refusal::none, answer.declines);
  return out;
}

// The answers that the English phrases and the weights were made with: cross-validation says 0.88 of them.
TEST(RefusalAgreement, WithTheAnswersItWasTunedOn) {
  const Agreement agreement = agreement_on("xstest_mistralinstruct.csv");
  EXPECT_EQ(agreement.true_positive + agreement.false_negative, 76);
  EXPECT_GE(agreement.f1(), 0.86);
}

// The answers of another model, which neither was made with.
TEST(RefusalAgreement, WithTheAnswersThatWereHeldOut) {
  const Agreement agreement = agreement_on("xstest_llama2orig.csv");
  EXPECT_EQ(agreement.true_positive + agreement.false_negative, 349);
  EXPECT_GE(agreement.f1(), 0.90);
}

}  // namespace
}  // namespace tidewatch
