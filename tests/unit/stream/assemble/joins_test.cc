// Feedback and evaluations that name no trace: by their span, by their session.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

constexpr std::string_view kOther = "service=shop,endpoint=/search";

v1::Fragment request(std::string_view trace = "t") { return fragment(trace, {root("r", 0, 4), llm("m", "r", 1, 2)}); }

TEST(FindingOfASpan, CountsWithItsTraceWhetherBeforeOrAfterIt) {
  AssembleRun named;
  named.feed(request());
  named.feed(fragment("t", thumb("f", 5, true)));
  named.watermark(100);
  AssembleRun before;
  before.feed(seeking("m", thumb("f", 5, true)));
  before.feed(request());
  before.watermark(100);
  AssembleRun open;
  open.feed(request());
  open.feed(seeking("m", thumb("f", 5, true)));
  open.watermark(100);
  AssembleRun closed;
  closed.feed(request());
  closed.watermark(100);
  closed.feed(seeking("m", thumb("f", 5, true)));
  closed.watermark(101);
  EXPECT_EQ(named.value(kModel, "votes"), 1);
  for (const auto* run : {&before, &open, &closed}) {
    EXPECT_EQ(run->merged(), named.merged());
    EXPECT_EQ(run->count("joined_by_span"), 1u);
    EXPECT_EQ(run->count("feedback"), 1u);
  }
}

TEST(FindingOfASpan, IsOneWithTheSameThatNamesTheTrace) {
  AssembleRun run;
  run.feed(request());
  run.feed(seeking("r", thumb("f", 5, true)));
  run.feed(fragment("t", thumb("f", 5, true)));
  run.watermark(100);
  run.feed(seeking("m", thumb("f", 200, false, v1::FEEDBACK_OP_UPDATE)));
  run.watermark(201);
  EXPECT_EQ(run.value(kService, "votes"), 1);
  EXPECT_EQ(run.value(kService, "positive_feedback"), 0);
}

TEST(FindingOfASpan, OfAnotherTaskIsHeldBackForNothingAndForgotten) {
  AssembleRun run;
  run.feed(request());
  run.feed(seeking("elsewhere", thumb("f", 500, true)));
  run.feed(seeking("elsewhere", evaluation("e", 500, "x", 1)));
  run.watermark(400);
  EXPECT_EQ(run.stage().output_watermark(), at(400));
  run.watermark(501);
  EXPECT_EQ(run.stage().output_watermark(), at(501));
  run.watermark(4 + 60 + 3600);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded) << "neither they nor the request";
  EXPECT_EQ(run.count("joined_by_span"), 0u);
  EXPECT_EQ(run.count("unmatched_feedback", "span"), 0u) << "the task that has the span counts it";
  EXPECT_FALSE(run.has(kService, "votes"));
}

TEST(FindingOfASpan, JoinsASpanThatComesAfterItsRequestWasCounted) {
  for (const bool is_in_time : {true, false}) {
    AssembleRun run;
    run.feed(request());
    run.feed(seeking("late", evaluation("e", 5, "x", 1)));
    run.watermark(is_in_time ? 60 : 65);
    EXPECT_FALSE(run.has(kService, "score_x"));
    run.feed(fragment("t", {llm("late", "r", 2, 3)}));
    run.watermark(70);
    EXPECT_EQ(run.has(kService, "score_x"), is_in_time) << "no event waits for longer than trace.timeout";
    run.feed(seeking("late", evaluation("e", 5, "x", 1)));
    run.watermark(71);
    EXPECT_EQ(run.value(kService, "score_x"), 1);
  }
}

TEST(FindingOfASession, CountsWithTheRequestThatHadBegunLastWhateverCameFirst) {
  const std::vector<v1::Fragment> all = {
      asked("s", "first", 0, 4, "/chat"),     asked("s", "second", 20, 24, "/search"),
      asked("s", "third", 40, 44, "/chat"),   asked("other", "fourth", 26, 28, "/chat"),
      on_session("s", thumb("f", 30, true)),  on_session("s", evaluation("e", 30, "x", 0.5)),
      on_session("s", thumb("g", 22, false)), on_session("s", thumb("f", 30, true)),
      asked("s", "second", 20, 24, "/search")};
  std::map<std::string, std::string> expected;
  std::mt19937_64 random(7);
  auto shuffled = all;
  for (int i = 0; i < 50; ++i) {
    AssembleRun run;
    for (const auto& fragment : shuffled) run.feed(fragment);
    run.watermark(31);
    run.watermark(100);
    if (i == 0) {
      EXPECT_EQ(run.value(kOther, "votes"), 2);
      EXPECT_EQ(run.value(kOther, "positive_feedback"), 0.5);
      EXPECT_EQ(run.value(kOther, "score_x"), 0.5);
      EXPECT_FALSE(run.has(kEndpoint, "votes"));
      EXPECT_EQ(run.aggregate(kOther, "score_x")->exemplars().front().trace_id, "second");
      expected = run.merged();
    }
    EXPECT_EQ(run.merged(), expected);
    EXPECT_EQ(run.count("duplicate_feedback"), 1u);
    EXPECT_EQ(run.count("feedback"), 2u);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
  }
}

TEST(FindingOfASession, PutsTogetherWhatMessagesSayOfARequest) {
  auto inner = asked("s", "t", 1, 3, "/inner");
  auto& said = *inner.mutable_requests(0);
  for (auto& label : *said.mutable_labels()) label.set_from_root(false);
  said.set_model("gpt-x");
  for (const bool is_inner_first : {false, true}) {
    AssembleRun run;
    if (is_inner_first) run.feed(inner);
    auto entry = asked("s", "t", 0, 4);
    entry.mutable_requests(0)->set_is_genai(false);
    run.feed(entry);
    if (!is_inner_first) run.feed(inner);
    run.feed(on_session("s", thumb("f", 5, true)));
    run.watermark(100);
    EXPECT_EQ(run.value(kModel, "votes"), 1) << "the entry's endpoint, the call's model";
  }
}

TEST(FindingOfASession, ARequestWithoutAnyModelIsNotWhatItIsAbout) {
  AssembleRun run;
  run.feed(asked("s", "answer", 0, 4));
  auto cart = asked("s", "cart", 10, 11, "/search");
  cart.mutable_requests(0)->set_is_genai(false);
  run.feed(cart);
  run.feed(on_session("s", thumb("f", 20, true)));
  run.watermark(100);
  EXPECT_EQ(run.value(kEndpoint, "votes"), 1);
}

TEST(FindingOfASession, KnowsTheLatestRequestsOfASessionThatNeverEnds) {
  AssembleRun run;
  constexpr int kMost = static_cast<int>(SessionBook::kMostRequests);
  for (int i = 0; i < 2 * kMost; ++i) {
    const int at = (i * 37) % (2 * kMost);  // in no order
    run.feed(asked("s", "t" + std::to_string(at), at, at + 0.5));
  }
  run.feed(on_session("s", thumb("f", kMost + 0.7, false)));
  run.feed(on_session("s", thumb("g", kMost - 0.5, false)));
  run.watermark(3 * kMost);
  EXPECT_EQ(run.value(kService, "votes"), 1);
  const auto shown = run.aggregate(kService, "positive_feedback")->exemplars();
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(shown.front().trace_id, "t" + std::to_string(kMost));
  EXPECT_EQ(run.count("unmatched_feedback", "session"), 1u);
  run.watermark(10'000);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(FindingOfASession, HoldsTheWatermarkUntilItIsDecided) {
  AssembleRun run;
  run.feed(asked("s", "t", 0, 4));
  run.watermark(10);
  run.feed(on_session("s", thumb("f", 20, true)));
  run.feed(on_session("s", thumb("late", 5, true)));
  run.watermark(25);
  EXPECT_EQ(run.stage().output_watermark(), at(20));
  EXPECT_EQ(run.value(kService, "votes"), 1) << "what is late is waited for by nobody";
  run.watermark(30);
  EXPECT_EQ(run.stage().output_watermark(), at(30));
  EXPECT_EQ(run.value(kService, "votes"), 2);
}

TEST(FindingOfASession, ThatNobodyKnowsIsCountedByName) {
  AssembleRun run;
  run.feed(asked("s", "t", 0, 4));
  run.feed(on_session("unknown", thumb("f", 20, true)));
  run.feed(on_session("s", evaluation("e", 4000, "x", 1)));
  run.watermark(6000);  // in one step: what is known does not depend on the steps
  EXPECT_EQ(run.count("unmatched_feedback", "session"), 1u);
  EXPECT_EQ(run.count("unmatched_evaluations", "session"), 1u) << "more than an hour after its last request";
  EXPECT_TRUE(run.partials().empty());
  run.watermark(9000);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(FindingOfASession, IsCorrectedWhereItWasCounted) {
  AssembleRun run;
  run.feed(asked("s", "t", 0, 4));
  run.feed(on_session("s", thumb("f", 10, true)));
  run.watermark(30);
  run.feed(asked("s", "next", 40, 44, "/search"));
  run.feed(on_session("s", thumb("f", 50, false, v1::FEEDBACK_OP_UPDATE)));
  run.watermark(100);
  EXPECT_EQ(run.value(kEndpoint, "votes"), 1);
  EXPECT_EQ(run.value(kEndpoint, "positive_feedback"), 0);
  EXPECT_FALSE(run.has(kOther, "votes"));
  EXPECT_EQ(run.count("corrected_feedback"), 1u);
}

}  // namespace
}  // namespace tidewatch
