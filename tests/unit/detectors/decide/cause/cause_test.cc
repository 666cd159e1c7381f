#include "detectors/decide/cause/cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "detectors/decide/cause/weights.h"

namespace tidewatch {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

const Timestamp kBegan{std::chrono::hours(24 * 365 * 50)};

Movement moved(std::string measure, Trait trait, double before, double after, Quantity quantity = Quantity::share) {
  return {.measure = std::move(measure),
          .trait = trait,
          .quantity = quantity,
          .before = before,
          .after = after,
          .is_moved = true,
          .since = kBegan};
}
Movement steady(std::string measure, Trait trait, double level) {
  return {.measure = std::move(measure), .trait = trait, .before = level, .after = level, .is_steady = true};
}
Mix took_over(Facet facet, std::string value, double before, double after) {
  return {.facet = facet,
          .moved = after - before,
          .gained = std::move(value),
          .before = before,
          .after = after,
          .is_moved = true,
          .since = kBegan};
}
Mix same(Facet facet) { return {.facet = facet}; }

/// More refusals, the same model and prompt version: nothing that explains it.
CauseEvidence refusals() {
  CauseEvidence out;
  out.alerted = Trait::answers;
  out.began = kBegan;
  out.movements = {moved("refusal_rate", Trait::answers, 0.02, 0.11)};
  out.mixes = {same(Facet::model), same(Facet::prompt_version)};
  return out;
}

TEST(Cause, WithoutEvidenceItIsUnknown) {
  const Cause cause = likeliest_cause(refusals());
  EXPECT_EQ(cause.kind, CauseKind::unknown);
  EXPECT_THAT(cause.why,
              HasSubstr("Cause unknown: nothing that was seen explains it; the same model and prompt version"));
  EXPECT_THAT(cause.why, HasSubstr("retrievals and segments and languages are not seen"));
  EXPECT_NEAR(std::accumulate(cause.probabilities.begin(), cause.probabilities.end(), 0.0), 1, 1e-12);
}

TEST(Cause, AModelThatIsNewAndServesTheTrafficIsTheCause) {
  CauseEvidence evidence = refusals();
  evidence.mixes[0] = took_over(Facet::model, "gpt-5", 0, 0.95);
  evidence.first_values = {{Facet::model, "gpt-5", kBegan - minutes(4)}};
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::model);
  EXPECT_GT(cause.confidence, 0.8);
  EXPECT_THAT(cause.why, HasSubstr("Likely cause: model: model=gpt-5 was first seen 4 min before it began and serves "
                                   "95.0 % of the traffic; the same prompt version (confidence "));
}

TEST(Cause, AModelThatServesNextToNothingIsNone) {
  CauseEvidence evidence = refusals();
  evidence.first_values = {{Facet::model, "gpt-5", kBegan - minutes(4)}};  // and the mix did not move
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
}

TEST(Cause, AVersionThatCameHoursBeforeIsNone) {
  CauseEvidence evidence = refusals();
  evidence.mixes[1] = took_over(Facet::prompt_version, "v10", 0, 1);
  evidence.mixes[1].since = kBegan - minutes(180);
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
  evidence.mixes[1].since = kBegan;
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::prompt) << "known or not: a version that came back counts";
}

/// A launch on an endpoint with a model of its own.
TEST(Cause, AVersionThatWasThereWithoutEffectGivesWayToWhatMovedAsItBegan) {
  CauseEvidence evidence = refusals();
  evidence.mixes[1] = took_over(Facet::prompt_version, "v10", 0, 1);
  evidence.first_values = {{Facet::prompt_version, "v10", kBegan - minutes(45)}};
  evidence.movements.push_back(moved("retrieval_score", Trait::retrieval, 0.82, 0.6, Quantity::number));
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::data);
  evidence.first_values[0].at = kBegan - minutes(2);
  const Cause both = likeliest_cause(evidence);
  EXPECT_LT(both.confidence, 0.7) << "one of two, and nothing says which";
}

TEST(Cause, OfABeginningThatIsNotClearMoreMayBeTheCause) {
  CauseEvidence evidence = refusals();
  evidence.mixes[0] = took_over(Facet::model, "gpt-5", 0, 0.95);
  evidence.first_values = {{Facet::model, "gpt-5", kBegan + minutes(45)}};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
  evidence.blur = minutes(40);
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::model);
}

TEST(Cause, OfModelsThatServeSideBySideOneThatServesMoreIsNone) {
  CauseEvidence evidence = refusals();
  evidence.mixes[0] = took_over(Facet::model, "claude", 0.5, 0.62);
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
}

TEST(Cause, WorseRetrievalIsDataAndTheSentenceHasTheFigures) {
  CauseEvidence evidence = refusals();
  evidence.movements.push_back(moved("retrieval_score", Trait::retrieval, 0.82, 0.6, Quantity::number));
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::data);
  EXPECT_THAT(cause.why, HasSubstr("retrieval_score fell from 0.82 to 0.6, -27 %; the same model and prompt version"));
}

TEST(Cause, GroundednessAloneWithHealthyRetrievalIsNotEnough) {
  CauseEvidence evidence = refusals();
  evidence.movements.push_back(moved("groundedness", Trait::grounding, 0.8, 0.7, Quantity::number));
  evidence.movements.push_back(steady("retrieval_score", Trait::retrieval, 0.82));
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
}

TEST(Cause, OtherUsersComeBeforeWhatFollowsFromThem) {
  CauseEvidence evidence = refusals();
  evidence.mixes.push_back(took_over(Facet::language, "es", 0.05, 0.35));
  evidence.movements.push_back(moved("question_length", Trait::questions, 90, 140, Quantity::count));
  evidence.movements.push_back(moved("retrieval_score", Trait::retrieval, 0.82, 0.75, Quantity::number));
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::users);
  EXPECT_THAT(cause.why, HasSubstr("language=es rose from 5.0 % to 35.0 % of the traffic"));
}

TEST(Cause, SlowTokensAreTheProvidersLongAnswersAreNot) {
  CauseEvidence evidence = refusals();
  evidence.alerted = Trait::request_time;
  evidence.movements = {moved("llm_latency", Trait::model_time, 0.8, 1.5, Quantity::seconds)};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::provider);
  evidence.movements.push_back(moved("output_tokens_per_call", Trait::answer_size, 60, 110, Quantity::count));
  EXPECT_NE(likeliest_cause(evidence).kind, CauseKind::provider);
}

TEST(Cause, AnotherProviderOfTheSameModelIsTheProvider) {
  CauseEvidence evidence = refusals();
  evidence.alerted = Trait::request_time;
  evidence.mixes.push_back(took_over(Facet::provider, "azure", 0, 1));
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::provider);
  EXPECT_THAT(cause.why, HasSubstr("provider=azure rose from 0.0 % to 100 % of the traffic"));
}

TEST(Cause, RequestsThatFailWithoutTheirModelCallsAreTheServices) {
  CauseEvidence evidence = refusals();
  evidence.alerted = Trait::request_errors;
  evidence.movements = {moved("error_rate", Trait::request_errors, 0.01, 0.6),
                        steady("llm_error_rate", Trait::model_errors, 0.01)};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::service);
  evidence.movements[1] = moved("llm_error_rate", Trait::model_errors, 0.01, 0.6);
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::provider);
}

TEST(Cause, LongerPromptsFromTheSameQuestionsAreTheServices) {
  CauseEvidence evidence = refusals();
  evidence.alerted = Trait::call_size;
  evidence.movements = {moved("input_tokens_per_call", Trait::call_size, 700, 2000, Quantity::count)};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::service);
  evidence.movements.push_back(moved("question_length", Trait::questions, 100, 900, Quantity::count));
  EXPECT_NE(likeliest_cause(evidence).kind, CauseKind::service);
}

TEST(Cause, SilenceIsTelemetry) {
  CauseEvidence evidence;
  evidence.alerted = Trait::volume;
  evidence.is_silent = true;
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::telemetry);
}

TEST(Cause, AVariantThatDiffersFromTheOthersIsTheRollout) {
  CauseEvidence evidence = refusals();
  evidence.contrasted = Facet::variant;
  evidence.contrasted_value = "canary";
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::rollout);
  EXPECT_THAT(cause.why, HasSubstr("variant=canary differs from the others"));
}

TEST(Cause, WhatMovedAlikeWithTheOldVersionIsNotTheNewOne) {
  CauseEvidence evidence = refusals();
  evidence.mixes[1] = took_over(Facet::prompt_version, "v10", 0, 0.5);
  evidence.first_values = {{Facet::prompt_version, "v10", kBegan}};
  evidence.differences = {{Facet::prompt_version, "v10", true, 0.09, 0.088, 0.01, 0.008, Quantity::share}};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
  evidence.differences = {{Facet::prompt_version, "v10", true, 0.09, 0.001, 0.01, 0.008, Quantity::share}};
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::prompt);
  EXPECT_THAT(cause.why, HasSubstr("where prompt_version=v10 it moved by +9.0 percentage points, elsewhere by +0.1"));
}

TEST(Cause, AModelThatWasThereBeforeIsNoneWhateverHappensToIt) {
  CauseEvidence evidence = refusals();
  evidence.differences = {{Facet::model, "gpt-4o", false, 0.09, 0.001, 0.01, 0.008, Quantity::share}};
  EXPECT_EQ(likeliest_cause(evidence).kind, CauseKind::unknown);
}

TEST(Cause, SimpsonsParadoxIsTheMixOfUsers) {
  CauseEvidence evidence = refusals();
  evidence.decompositions = {{Facet::segment, "refusal_rate", Quantity::share, 0.08, 0.01, -0.03, 0.006}};
  const Cause cause = likeliest_cause(evidence);
  EXPECT_EQ(cause.kind, CauseKind::users);
  EXPECT_THAT(cause.why,
              HasSubstr("of +5.0 percentage points in refusal_rate, +8.0 percentage points come from another "
                        "mix of segments and -3.0 percentage points from within them, where it went the "
                        "other way"));
}

TEST(Cause, WhatMovedWithinTheGroupsIsNotTheUsers) {
  CauseEvidence evidence = refusals();
  evidence.mixes.push_back(took_over(Facet::segment, "pro", 0.3, 0.45));
  ASSERT_EQ(likeliest_cause(evidence).kind, CauseKind::users);
  evidence.decompositions = {{Facet::segment, "refusal_rate", Quantity::share, 0.002, 0.001, 0.09, 0.01}};
  EXPECT_NE(likeliest_cause(evidence).kind, CauseKind::users);
}

TEST(Cause, NoRowOfTheTableIsThereTwice) {
  const auto rows = clue_weights();
  for (size_t i = 0; i < rows.size(); ++i)
    for (size_t j = i + 1; j < rows.size(); ++j)
      EXPECT_FALSE(rows[i].clue == rows[j].clue && rows[i].cause == rows[j].cause) << i << " and " << j;
}

TEST(Cause, TheSameEvidenceSaysTheSame) { EXPECT_EQ(likeliest_cause(refusals()).why, likeliest_cause(refusals()).why); }

}  // namespace
}  // namespace tidewatch
