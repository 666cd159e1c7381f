#include "tests/unit/stream/evaluate/validators/cases.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "stream/evaluate/scan/personal_data.h"
#include "stream/evaluate/scan/secrets.h"

namespace tidewatch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = Validation::Outcome;

const std::vector<ValidatorCase>& all_cases() {
  static const std::vector<ValidatorCase> cases = read_validator_cases();
  return cases;
}

/// The validator of a case. Kept: those with tables of phrases take long to make, and they have no state.
const Validator& validator_of(const ValidatorCase& labelled) {
  static std::map<std::pair<std::string, ValidatorSettings>, std::unique_ptr<Validator>> made;
  auto& validator = made[{labelled.check, labelled.settings}];
  if (!validator) validator = std::move(make_validator(labelled.check, labelled.settings).value());
  return *validator;
}

std::string in_words(Outcome outcome) {
  return outcome == Outcome::failed ? "fails" : outcome == Outcome::passed ? "passes" : "not applicable";
}

class LabelledCase : public testing::TestWithParam<size_t> {};

TEST_P(LabelledCase, IsJudgedAsItsLabelSays) {
  const ValidatorCase& labelled = all_cases()[GetParam()];
  SCOPED_TRACE(labelled.file + ": " + labelled.check + ": " + labelled.name);

  const Validation said = validator_of(labelled).check(labelled.request);

  EXPECT_EQ(said.outcome == labelled.outcome, !labelled.is_known_miss)
      << "says \"" << in_words(said.outcome) << "\": " << said.why;
  EXPECT_THAT(said.why, HasSubstr(labelled.why));
  EXPECT_FALSE(said.why.empty());
  if (said.score) {
    EXPECT_TRUE(said.is_applicable());
    EXPECT_GE(*said.score, 0);
    EXPECT_LE(*said.score, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Validators, LabelledCase, testing::Range(size_t{0}, all_cases().size()));

TEST(Cases, OfEveryValidatorAreOfEveryVerdictAndMostlyTold) {
  struct Counts {
    int failing = 0;
    int passing = 0;
    int not_applicable = 0;
    int missed = 0;
  };
  std::map<std::string, Counts> counts;
  for (const auto& labelled : all_cases()) {
    Counts& of = counts[labelled.check];
    ++(labelled.outcome == Outcome::failed   ? of.failing
       : labelled.outcome == Outcome::passed ? of.passing
                                             : of.not_applicable);
    of.missed += labelled.is_known_miss ? 1 : 0;
  }
  for (const auto& info : describe_validators()) {
    const Counts& of = counts[info.name];
    EXPECT_GE(of.failing, 3) << info.name;
    EXPECT_GE(of.passing, 3) << info.name;
    EXPECT_GE(of.not_applicable, 1) << info.name;
    EXPECT_LT(of.missed * 4, of.failing + of.passing) << info.name;
  }
}

TEST(Cases, AreExplainedWithoutPersonalDataAndSecrets) {
  const PersonalDataScan personal;
  const SecretScan secrets;
  for (const auto& labelled : all_cases()) {
    const std::string why = validator_of(labelled).check(labelled.request).why;
    EXPECT_THAT(personal.find(why), IsEmpty()) << labelled.name << ": " << why;
    EXPECT_THAT(secrets.find(why), IsEmpty()) << labelled.name << ": " << why;
  }
}

TEST(Cases, AreJudgedAlikeTwiceAndByAnotherValidatorOfTheKind) {
  std::map<std::pair<std::string, ValidatorSettings>, std::unique_ptr<Validator>> others;
  for (const auto& labelled : all_cases()) {
    auto& other = others[{labelled.check, labelled.settings}];
    if (!other) other = std::move(make_validator(labelled.check, labelled.settings).value());
    const Validation first = validator_of(labelled).check(labelled.request);
    for (const Validation& again : {validator_of(labelled).check(labelled.request), other->check(labelled.request)}) {
      EXPECT_EQ(first.outcome, again.outcome) << labelled.name;
      EXPECT_EQ(first.why, again.why) << labelled.name;
      EXPECT_EQ(first.score, again.score) << labelled.name;
    }
  }
}

TEST(Cases, WithoutTextsAreJudgedByNoValidator) {
  for (const auto& labelled : all_cases()) {
    EXPECT_EQ(validator_of(labelled).check(ReviewedRequest{}).outcome, Outcome::not_applicable) << labelled.check;
  }
}

/// Texts of other people's making: bytes that are no UTF-8, ends within everything, and many marks.
TEST(Cases, CutAndDamagedAnywhereAreStillJudged) {
  for (const auto& labelled : all_cases()) {
    if (labelled.request.answers.empty()) continue;
    const std::string whole(labelled.request.answers.back());
    const size_t step = std::max<size_t>(1, whole.size() / 24);
    for (size_t cut = 0; cut < whole.size(); cut += step) {
      ReviewedRequest request = labelled.request;
      std::string damaged = whole.substr(0, cut) + "\xFF\xE2\x80[```{\"" + whole.substr(cut) + "\xF0";
      request.answers = {std::string_view(damaged), std::string_view(damaged).substr(0, cut)};
      EXPECT_FALSE(validator_of(labelled).check(request).why.empty()) << labelled.name;
    }
  }
}

TEST(NestedCode, EndsNoProcess) {
  const auto validator = make_validator("code", {});
  ASSERT_TRUE(validator);
  for (const char* piece : {"- ", "[", "{a: ", "? "}) {
    std::string answer = "```yaml\n";
    for (int i = 0; i < 50'000; ++i) answer += piece;
    answer += "\n```";
    ReviewedRequest request;
    request.answers = {answer};
    EXPECT_TRUE((*validator)->check(request).is_applicable()) << piece;
  }
}

TEST(SeveralAnswers, CountAsTheWorst) {
  const auto validator = make_validator("length", {{"max_words", "2"}});
  ASSERT_TRUE(validator);
  ReviewedRequest request;
  request.answers = {"one", "one two three", "one two"};
  EXPECT_EQ((*validator)->check(request).why, "3 words, more than 2");
  request.answers = {"one", "one two"};
  EXPECT_TRUE((*validator)->check(request).has_passed());
}

}  // namespace
}  // namespace tidewatch
