#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <string>

#include "stream/signals/refusal.h"
#include "tests/unit/stream/signals/styled_answers.h"

namespace tidewatch {
namespace {

/// Hand-written answers (answers.yaml), one language a test.
class Answers : public ::testing::TestWithParam<std::string> {
 protected:
  static std::vector<std::string> of(const std::string& kind) {
    const auto file = YAML::LoadFile(std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/signals/answers.yaml");
    auto out = file[GetParam()][kind].as<std::vector<std::string>>();
    EXPECT_GE(out.size(), 12U) << GetParam() << " " << kind;
    return out;
  }
  static Refusal refusal(const std::string& answer) {
    static const RefusalCheck check;
    return check.check(answer);
  }
  static bool hedges(const std::string& answer) {
    static const HedgingCheck check;
    return check.check(answer);
  }
};

TEST_P(Answers, ThatDeclineAreRefusals) {
  for (const auto& answer : of("refusal")) EXPECT_NE(refusal(answer), Refusal::none) << answer;
}

TEST_P(Answers, ThatAreUnsureAreHedging) {
  for (const auto& answer : of("hedging")) EXPECT_TRUE(hedges(answer)) << answer;
}

TEST_P(Answers, ThatOnlyLookLikeItAreNeither) {
  for (const auto& answer : of("neither")) {
    EXPECT_EQ(refusal(answer), Refusal::none) << answer;
    EXPECT_FALSE(hedges(answer)) << answer;
  }
}

INSTANTIATE_TEST_SUITE_P(ByLanguage, Answers, ::testing::Values("en", "de", "fr", "es", "no", "zh", "ja"),
                         [](const auto& language) { return language.param; });

/// Agreement with the answers of several kinds of assistants.
Agreement agreement_on(const std::string& file) {
  const RefusalCheck check;
  Agreement out;
  for (const auto& [style, answer] :
       read_styled(std::string(TIDEWATCH_SOURCE_DIR) + "/tests/unit/stream/signals/" + file))
    out.add(check.check(answer.text, answer.question) != Refusal::none, answer.declines);
  return out;
}

TEST(StyledAnswers, ThatWeighedTheCheckAreTold) {
  const Agreement weighed = agreement_on("refusal_manners.yaml");
  EXPECT_EQ(weighed.total(), 89);
  EXPECT_GE(weighed.f1(), 0.92);
}

TEST(StyledAnswers, ThatWereNotLookedAtAreToldToo) {
  const Agreement fresh = agreement_on("refusal_fresh.yaml");
  EXPECT_EQ(fresh.total(), 55);
  EXPECT_GE(fresh.f1(), 0.88);
}

}  // namespace
}  // namespace tidewatch
