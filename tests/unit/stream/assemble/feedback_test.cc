#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

v1::Fragment request(std::string_view trace = "t") { return fragment(trace, {root("r", 0, 4), llm("m", "r", 1, 2)}); }

TEST(Feedback, CountsWithTheRequestsLabelsWhetherBeforeOrAfterIt) {
  AssembleRun before;
  before.feed(fragment("t", thumb("f", 5, true)));
  before.feed(request());
  before.watermark(100);
  AssembleRun after;
  after.feed(request());
  after.watermark(100);
  after.feed(fragment("t", thumb("f", 5, true)));
  after.watermark(101);
  EXPECT_EQ(before.merged(), after.merged());
  EXPECT_EQ(before.value(kModel, "positive_feedback"), 1);
  EXPECT_EQ(before.value(kModel, "votes"), 1);
}

TEST(Feedback, AnHourLaterStillKnowsItsRequest) {
  AssembleRun run;
  run.feed(request());
  run.watermark(3600);
  run.feed(fragment("t", thumb("f", 3600, false)));
  run.watermark(3601);
  EXPECT_EQ(run.count("feedback"), 1u);
  EXPECT_EQ(run.value(kModel, "positive_feedback", 3600), 0) << "in the pane of the vote";
}

TEST(Feedback, BeyondTheHorizonCountsByItsOwnLabelsOrAsUnmatched) {
  AssembleRun run;
  run.feed(request());
  run.watermark(3700);
  auto labelled = thumb("f1", 3700, true);
  auto* row = labelled.add_labels();
  row->set_name("service");
  row->set_value("shop");
  run.feed(fragment("t", labelled));
  run.feed(fragment("t", thumb("f2", 3700, true)));
  run.watermark(3800);
  EXPECT_EQ(run.count("feedback"), 1u);
  EXPECT_EQ(run.count("unmatched_feedback", "trace"), 1u);
  EXPECT_EQ(run.value(kService, "votes"), 1);
  EXPECT_FALSE(run.has(kEndpoint, "votes"));
}

TEST(Feedback, KeepsItsRequestsLabelsForAnotherHorizon) {
  AssembleRun run;
  run.feed(request());
  run.watermark(3000);
  run.feed(fragment("t", thumb("f", 3000, true)));
  run.watermark(6000);
  run.feed(fragment("t", thumb("f", 6000, false, v1::FEEDBACK_OP_UPDATE)));
  run.watermark(6001);
  EXPECT_EQ(run.count("corrected_feedback"), 1u);
}

TEST(Feedback, SentAgainCountsOnce) {
  AssembleRun run;
  run.feed(fragment("t", thumb("f", 3, true)));
  run.feed(fragment("t", thumb("f", 3, true)));
  run.feed(request());
  run.watermark(100);
  run.feed(fragment("t", thumb("f", 3, true)));
  run.watermark(101);
  EXPECT_EQ(run.value(kService, "votes"), 1);
  EXPECT_EQ(run.count("duplicate_feedback"), 2u);
}

TEST(Feedback, AnUpdateMovesTheVoteInThePaneItWasCountedIn) {
  AssembleRun run;
  run.feed(request());
  run.watermark(100);
  run.feed(fragment("t", thumb("f", 130, true)));
  run.watermark(140);
  run.feed(fragment("t", thumb("f", 500, false, v1::FEEDBACK_OP_UPDATE)));
  run.watermark(500);
  EXPECT_EQ(run.seen(kService, "positive_feedback", 120).trials, 1);
  EXPECT_EQ(run.value(kService, "positive_feedback", 120), 0);
  EXPECT_FALSE(run.aggregate(kService, "votes", 480).has_value());
  EXPECT_EQ(run.value(kService, "votes"), 1);
}

TEST(Feedback, AWithdrawalTakesItBackOnce) {
  AssembleRun run;
  run.feed(request());
  run.watermark(100);
  run.feed(fragment("t", thumb("f", 130, true)));
  run.feed(fragment("t", thumb("g", 130, false)));
  for (int i = 0; i < 2; ++i) run.feed(fragment("t", thumb("f", 140 + i, true, v1::FEEDBACK_OP_WITHDRAW)));
  run.watermark(200);
  EXPECT_EQ(run.value(kService, "votes"), 1);
  EXPECT_EQ(run.value(kService, "positive_feedback"), 0);
  EXPECT_EQ(run.count("corrected_feedback"), 1u);
  EXPECT_EQ(run.count("duplicate_feedback"), 1u);
}

TEST(Feedback, EventsOfOneIdGiveTheSameInAnyOrder) {
  const std::vector<v1::FeedbackFacts> events = {thumb("f", 10, true), thumb("f", 200, false, v1::FEEDBACK_OP_UPDATE),
                                                 thumb("f", 400, true, v1::FEEDBACK_OP_UPDATE),
                                                 thumb("f", 400, true, v1::FEEDBACK_OP_UPDATE)};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    for (const bool is_closed : {false, true}) {
      AssembleRun run;
      run.feed(request());
      if (is_closed) run.watermark(100);
      for (const size_t i : order) run.feed(fragment("t", events[i]));
      run.watermark(1000);
      ASSERT_EQ(run.value(kService, "votes", 0), 1);
      ASSERT_EQ(run.seen(kService, "positive_feedback", 0).trials, 1);
      ASSERT_EQ(run.value(kService, "positive_feedback", 0), 1);
      for (const double pane : {180, 360}) {
        const auto elsewhere = run.aggregate(kService, "votes", pane);
        ASSERT_TRUE(!elsewhere || elsewhere->empty());
      }
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Feedback, AWithdrawalBeforeItsVoteIsNotForgotten) {
  AssembleRun run;
  run.feed(request());
  run.watermark(100);
  run.feed(fragment("t", thumb("f", 140, true, v1::FEEDBACK_OP_WITHDRAW)));
  run.feed(fragment("t", thumb("f", 130, true)));
  run.watermark(200);
  EXPECT_FALSE(run.has(kService, "votes"));
  EXPECT_EQ(run.count("corrected_feedback"), 1u) << "its request is known, so that nothing is wrong with it";
  EXPECT_EQ(run.count("unmatched_feedback", "trace"), 0u);
}

TEST(Feedback, IsTakenBackWhereItWasCountedNotWhereItsTraceIsNow) {
  AssembleRun run;
  run.feed(fragment("t", thumb("f", 10, true)));  // its trace is not known for so long that it stands alone
  run.watermark(80);
  EXPECT_EQ(run.count("unmatched_feedback", "trace"), 1u);
  run.feed(fragment("t", {root("r", 70, 90), llm("m", "r", 80, 90)}));
  run.watermark(110);
  EXPECT_EQ(run.count("requests"), 1u);
  run.feed(fragment("t", thumb("f", 111, true, v1::FEEDBACK_OP_WITHDRAW)));
  run.watermark(112);
  EXPECT_FALSE(run.has(kService, "votes")) << "nothing was counted, so nothing may be subtracted";
}

TEST(Feedback, OnASessionCountsByItsOwnLabelsAndShowsNoTrace) {
  AssembleRun run;
  auto feedback = thumb("f", 10, false);
  auto* row = feedback.add_labels();
  row->set_name("service");
  row->set_value("shop");
  run.feed(on_session("s1", feedback));
  run.watermark(100);
  const auto votes = run.aggregate(kService, "positive_feedback");
  ASSERT_TRUE(votes.has_value());
  EXPECT_EQ(votes->observe().trials, 1);
  EXPECT_TRUE(votes->exemplars().empty());
}

TEST(Feedback, ShowsTheRequestItIsAbout) {
  AssembleRun run;
  run.feed(request("0123456789abcdef"));
  run.feed(fragment("0123456789abcdef", thumb("f", 10, false)));
  run.watermark(100);
  const auto shown = run.aggregate(kService, "positive_feedback")->exemplars();
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown[0].trace_id, "0123456789abcdef");
  EXPECT_EQ(shown[0].topic, "otlp_spans");
}

TEST(Feedback, ThatWaitsForItsRequestHoldsItsPaneOpen) {
  // The request ends later than the vote: the vote counts in its own, earlier pane when the request closes.
  for (const bool is_vote_first : {true, false}) {
    AssembleRun run;
    const auto vote = fragment("t", thumb("f", 50, true));
    const auto spans = fragment("t", {root("r", 0, 130), llm("m", "r", 1, 2)});
    run.feed(is_vote_first ? vote : spans);
    run.feed(is_vote_first ? spans : vote);
    run.watermark(135);
    EXPECT_EQ(run.stage().output_watermark(), at(50));
    run.watermark(140);
    EXPECT_EQ(run.value(kModel, "votes", 0), 1);
    EXPECT_EQ(run.stage().output_watermark(), at(140));
  }
}

TEST(Evaluations, CountByInclusionProbabilityOnceById) {
  AssembleRun run;
  run.feed(request());
  run.watermark(100);
  auto sampled = evaluation("e1", 110, "Faithful-ness", 0.5);
  sampled.set_inclusion_probability(0.1);
  sampled.set_passed(false);
  run.feed(fragment("t", sampled));
  run.feed(fragment("t", sampled));
  auto plain = evaluation("e2", 110, "Faithful-ness", 1.0);
  plain.set_passed(true);
  run.feed(fragment("t", plain));
  run.watermark(200);
  const auto score = run.aggregate(kModel, "score_faithful_ness");
  ASSERT_TRUE(score.has_value());
  EXPECT_NEAR(score->weight(), 11, 1e-6);
  EXPECT_NEAR(score->observe().value, (10 * 0.5 + 1) / 11, 1e-6);
  EXPECT_NEAR(run.value(kModel, "pass_faithful_ness"), 1.0 / 11, 1e-6);
  EXPECT_EQ(run.count("evaluations"), 2u);
  EXPECT_EQ(run.count("duplicate_evaluations"), 1u);
}

TEST(Evaluations, NamesInOtherScriptsAreSeriesOfTheirOwn) {
  AssembleRun run;
  run.feed(request());
  run.feed(fragment("t", evaluation("e1", 3, "准确性", 1.0)));
  run.feed(fragment("t", evaluation("e2", 3, "相关性", 0.0)));
  run.feed(fragment("t", evaluation("e3", 3, "Qualität der Antwort", 0.5)));
  std::string beyond(63, 'x');  // the limit falls into the character that follows
  run.feed(fragment("t", evaluation("e4", 3, beyond + "é", 0.25)));
  run.watermark(200);
  EXPECT_EQ(run.value(kService, "score_准确性"), 1.0);
  EXPECT_EQ(run.value(kService, "score_相关性"), 0.0);
  EXPECT_EQ(run.value(kService, "score_qualität_der_antwort"), 0.5);
  EXPECT_EQ(run.value(kService, "score_" + beyond), 0.25);
}

TEST(Evaluations, AProbabilityThatIsNoneCountsAsCertain) {
  AssembleRun run;
  run.feed(request());
  for (const double probability : {0.0, -1.0, 7.0}) {
    auto odd = evaluation(std::to_string(probability), 3, "x", 1.0);
    odd.set_inclusion_probability(probability);
    run.feed(fragment("t", odd));
  }
  run.watermark(200);
  EXPECT_EQ(run.aggregate(kService, "score_x")->weight(), 3);
}

TEST(Evaluations, WithoutKnownTraceAndLabelsAreUnmatched) {
  AssembleRun run;
  run.feed(fragment("t", evaluation("e", 3, "x", 1.0)));
  run.watermark(200);
  EXPECT_EQ(run.count("unmatched_evaluations", "trace"), 1u);
  EXPECT_TRUE(run.partials().empty());
}

/// A request of a user, or of nobody known.
v1::Fragment request_of(std::string_view trace, std::string_view user, std::string_view segment = "") {
  auto entry = root("r" + std::string(trace), 0, 4);
  if (!user.empty()) label(entry, "user", user);
  if (!segment.empty()) label(entry, "segment", segment);
  return fragment(trace, {entry, llm("m" + std::string(trace), "r" + std::string(trace), 1, 2)});
}

TEST(Feedback, VotesOfOneUserCountThreeTimesAtMost) {
  AssembleRun run;
  for (int i = 0; i < 40; ++i) {
    const std::string trace = "spam" + std::to_string(i);
    run.feed(request_of(trace, "angry"));
    run.feed(fragment(trace, thumb("f" + trace, 5, false)));
  }
  for (int i = 0; i < 9; ++i) {
    const std::string trace = "calm" + std::to_string(i);
    run.feed(request_of(trace, "user" + std::to_string(i)));
    run.feed(fragment(trace, thumb("f" + trace, 5, true)));
  }
  run.watermark(100);
  EXPECT_DOUBLE_EQ(run.value(kService, "positive_feedback"), 9.0 / 12);
  EXPECT_EQ(run.value(kService, "votes"), 49) << "how many there were is no secret";
}

TEST(Feedback, VotesOfUnknownUsersCountEachForItself) {
  AssembleRun run;
  for (int i = 0; i < 10; ++i) {
    const std::string trace = "t" + std::to_string(i);
    run.feed(request_of(trace, ""));
    run.feed(fragment(trace, thumb("f" + trace, 5, i < 4)));
  }
  run.watermark(100);
  EXPECT_DOUBLE_EQ(run.value(kService, "positive_feedback"), 0.4);
}

TEST(Feedback, WhoVotesIsShownBesideWhoAsks) {
  AssembleRun run;
  for (int i = 0; i < 20; ++i) {
    const std::string trace = "t" + std::to_string(i);
    run.feed(request_of(trace, "", i < 4 ? "paying" : "free"));
    if (i < 3 || i == 19) run.feed(fragment(trace, thumb("f" + trace, 5, true)));
  }
  run.feed(fragment("t19", thumb("ft19", 6, true, v1::FEEDBACK_OP_WITHDRAW)));
  run.watermark(100);
  const auto voting = run.aggregate(kService, "voting_segments");
  ASSERT_TRUE(voting);
  EXPECT_EQ(voting->categories().weight_of("paying"), 3);
  EXPECT_EQ(voting->categories().weight_of("free"), 0) << "withdrawn";
  EXPECT_EQ(run.aggregate(kService, "segments")->categories().weight_of("free"), 16);
}

TEST(Feedback, TheShareOfRequestsThatGetAnyIsToldWhenTheyAreForgotten) {
  AssembleRun run;
  for (int i = 0; i < 10; ++i) run.feed(request("t" + std::to_string(i)));
  run.watermark(100);
  run.feed(fragment("t1", thumb("f1", 200, true)));
  run.feed(fragment("t2", thumb("f2", 200, true)));
  run.feed(fragment("t2", thumb("f2", 210, true, v1::FEEDBACK_OP_WITHDRAW)));
  run.watermark(3600);
  EXPECT_FALSE(run.has(kService, "feedback_rate")) << "votes may still come";
  run.watermark(4000);
  EXPECT_DOUBLE_EQ(run.value(kService, "feedback_rate"), 0.1);
  EXPECT_EQ(run.seen(kService, "feedback_rate").n, 10);
}

TEST(Feedback, TheEndOfAllInputIsNoTimeToSayThatNobodyVoted) {
  AssembleRun run;
  run.feed(request());
  run.watermark(kMaxTimestamp);
  EXPECT_FALSE(run.has(kService, "feedback_rate"));
}

}  // namespace
}  // namespace tidewatch
