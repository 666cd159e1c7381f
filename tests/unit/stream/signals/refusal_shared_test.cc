#include <gtest/gtest.h>

#include "stream/signals/refusal.h"
#include "tests/unit/stream/signals/labelled.h"

namespace tidewatch {
namespace {

// The file whose answers the phrases were written from; how far they carry is what `./dev bench signals` prints of the
// other one.
TEST(RefusalAgreement, WithTheAnswersThePhrasesWereWrittenFrom) {
  const RefusalCheck refusals;
  Agreement agreement;
  for (const auto& answer : read_labelled(std::string(TIDEWATCH_SHARED_DIR) + "/samples/labels/xstest_llama2orig.csv"))
    agreement.add(refusals.check(answer.text, answer.question) != Refusal::none, answer.declines);
  EXPECT_EQ(agreement.true_positive + agreement.false_negative, 349);
  EXPECT_GE(agreement.f1(), 0.90);
}

}  // namespace
}  // namespace tidewatch
