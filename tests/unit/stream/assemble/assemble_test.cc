#include "stream/assemble/assemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

TEST(Assemble, AParentThatArrivesLateGivesItsLabels) {
  AssembleRun run;
  run.feed(fragment("t", {llm("m", "r", 1, 2)}));
  run.watermark(40);  // longer than trace_quiet: its entry was not seen, so it waits on
  EXPECT_EQ(run.count("requests"), 0u);
  run.feed(fragment("t", {root("r", 0, 44)}));
  run.watermark(54);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.count("rootless_requests"), 0u);
  EXPECT_EQ(run.value(kModel, "input_tokens"), 100);
  EXPECT_EQ(run.value(kModel, "latency"), 44);
}

TEST(Assemble, RequestsThatNoGroupOfEntitiesHasPlaceForAreCounted) {
  AssembleRun run;
  run.feed(fragment("named", {root("r", 0, 1), llm("m", "r", 0, 1)}));
  run.feed(fragment("nameless", {llm("n", "", 0, 1)}));  // states no service
  run.watermark(100);
  EXPECT_EQ(run.count("requests"), 2u);
  EXPECT_EQ(run.count("requests_without_entity"), 1u);
  EXPECT_EQ(run.value(kService, "requests"), 1);
}

TEST(Assemble, AServerInsideTheRequestIsNoRoot) {
  auto inner = span("i", "far", 1, 3, v1::OPERATION_SERVER);
  label(inner, "service", "agent");
  label(inner, "endpoint", "/inner");
  AssembleRun run;
  run.feed(fragment("t", {inner, llm("m", "i", 2, 3)}));
  run.watermark(40);  // longer than trace_quiet after the agent's last span
  EXPECT_EQ(run.count("requests"), 0u);
  run.feed(fragment("t", {root("far", 0, 41)}));
  run.watermark(60);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.count("late_spans"), 0u);
  EXPECT_EQ(run.count("requests_by_timeout"), 0u);
  EXPECT_EQ(run.value(kEndpoint, "latency"), 41) << "at the endpoint that was called";
}

TEST(Assemble, AServerWhoseCallerSendsNoSpansIsTheEntryWhenTheTimeIsOver) {
  auto entry = root("r", 0, 4);
  entry.set_parent_span_id("browser");
  AssembleRun run;
  run.feed(fragment("t", {entry, llm("m", "r", 1, 2)}));
  run.watermark(64);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.count("requests_by_timeout"), 1u);
  EXPECT_EQ(run.count("rootless_requests"), 0u);
  EXPECT_EQ(run.value(kEndpoint, "latency"), 4);
}

TEST(Assemble, ARootThatNeverArrivesIsWaitedForUntilTheTimeout) {
  AssembleRun run;
  auto call = llm("m", "gone", 1, 2);
  label(call, "service", "shop");
  run.feed(fragment("t", {call}));
  run.watermark(61.9);
  EXPECT_EQ(run.count("requests"), 0u);
  run.watermark(62);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.count("rootless_requests"), 1u);
  EXPECT_EQ(run.value(kService, "requests"), 1);
  EXPECT_FALSE(run.has(kService, "latency")) << "how long the request took is not known";
}

TEST(Assemble, SpansSplitOverMessagesGiveTheSameInAnyOrder) {
  auto answer = llm("m2", "a", 3, 8, "gpt-x", 50, 10);
  answered(answer, true);
  std::vector<v1::Fragment> parts = {
      fragment("t", {root("r", 0, 9)}, 4),
      fragment("t", {llm("m1", "a", 1, 2), span("a", "r", 0.5, 8.5, v1::OPERATION_AGENT)}, 5),
      fragment("t", {answer}, 6),
      fragment("t", {answer}, 9),  // sent again
      fragment("t", thumb("f", 8, true)),
  };
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  std::map<std::string, std::string> expected;
  do {
    AssembleRun run;
    for (const size_t i : order) run.feed(parts[i]);
    run.watermark(100);
    if (expected.empty()) expected = run.merged();
    ASSERT_EQ(run.merged(), expected) << "exemplars included";
    ASSERT_EQ(run.count("duplicate_spans"), 1u);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_FALSE(expected.empty());
}

TEST(Assemble, WhatLogsAddToASpanIsTheSameInAnyOrder) {
  auto call = llm("m", "r", 1, 2);
  auto question = span("m", "", 1, 1, v1::OPERATION_UNKNOWN);
  question.set_from_log(true);
  question.mutable_signals()->set_input_chars(12);
  auto choice = span("m", "", 2, 2, v1::OPERATION_UNKNOWN);
  choice.set_from_log(true);
  choice.add_finish_reasons("stop");
  choice.mutable_signals()->set_refusal(true);
  choice.mutable_signals()->set_output_chars(5);
  const std::vector<v1::Fragment> parts = {fragment("t", {root("r", 0, 3)}), fragment("t", {call}),
                                           fragment("t", {question}), fragment("t", {choice}), fragment("t", {choice})};
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  do {
    AssembleRun run;
    for (const size_t i : order) run.feed(parts[i]);
    run.watermark(100);
    ASSERT_EQ(run.value(kModel, "refusal_rate"), 1);
    ASSERT_EQ(run.value(kModel, "question_length"), 12);
    ASSERT_EQ(run.value(kModel, "llm_latency"), 1) << "a log does not move the span";
    ASSERT_EQ(run.aggregate(kModel, "finish_reasons")->categories().total(), 1) << "delivered twice";
    ASSERT_EQ(run.value(kModel, "requests"), 1);
    ASSERT_EQ(run.count("rootless_requests"), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Assemble, LogsThatComeLongBeforeTheirSpanAreNotLost) {
  AssembleRun run;
  auto choice = span("m", "", 2, 2, v1::OPERATION_UNKNOWN);
  choice.set_from_log(true);
  choice.mutable_signals()->set_hedging(true);
  choice.mutable_signals()->set_output_chars(5);
  run.feed(fragment("t", {choice}));
  run.watermark(90);
  run.feed(fragment("t", {root("r", 0, 95), llm("m", "r", 1, 95)}));
  run.watermark(200);
  EXPECT_EQ(run.value(kModel, "hedging_rate"), 1);
  EXPECT_EQ(run.count("late_spans"), 0u);
}

TEST(Assemble, RequestsWithoutAModelMakePartialsOfTheirOwn) {
  AssembleRun run;
  run.feed(fragment("t", {root("r", 0, 1), span("db", "r", 0, 1, v1::OPERATION_EXTERNAL)}));
  run.feed(fragment("u", {root("q", 0, 1), llm("m", "q", 0, 1)}));
  run.watermark(100);
  EXPECT_EQ(run.count("plain_requests"), 1u);
  EXPECT_EQ(run.count("requests"), 1u);
  std::map<bool, int> at_endpoint;
  for (const auto& [key, partial] : run.partials()) at_endpoint[partial.plain()] += key == kEndpoint;
  EXPECT_EQ(at_endpoint, (std::map<bool, int>{{false, 1}, {true, 1}}));
}

TEST(Assemble, HealthChecksAreNoRequests) {
  AssembleRun run;
  auto check = root("r", 0, 1);
  for (auto& label : *check.mutable_labels())
    if (label.name() == "endpoint") label.set_value("/healthz");
  run.feed(fragment("t", {check}));
  run.watermark(100);
  EXPECT_EQ(run.count("ignored_traces"), 1u);
  EXPECT_TRUE(run.partials().empty());
}

TEST(Assemble, RetriesCountAsCallsAndOnlyTheirOwnTokens) {
  AssembleRun run;
  auto first = llm("1", "r", 0, 1, "gpt-x", -1, -1);
  auto second = llm("2", "r", 1, 2, "gpt-x", -1, -1);
  failed(first, "rate_limit");
  failed(second, "rate_limit");
  run.feed(fragment("t", {root("r", 0, 4), first, second, llm("3", "r", 2, 4)}));
  run.watermark(100);
  EXPECT_EQ(run.value(kService, "llm_calls"), 3);
  EXPECT_NEAR(run.value(kService, "rate_limited_rate"), 2.0 / 3, 1e-12);
  EXPECT_EQ(run.value(kService, "error_rate"), 0);
  EXPECT_EQ(run.value(kService, "input_tokens"), 100);
  EXPECT_EQ(run.seen(kService, "llm_latency").n, 1) << "refused calls are quick";
}

TEST(Assemble, WithoutTextsTheFinishReasonTellsWhichAnswersWereCutOff) {
  AssembleRun run;
  const auto feed = [&](const std::string& trace, const std::string& reason, bool is_failed = false) {
    auto call = llm("m", "r", 1, 2);
    if (!reason.empty()) call.add_finish_reasons(reason);
    if (is_failed) failed(call, "server_error");
    run.feed(fragment(trace, {root("r", 0, 4), call}));
  };
  feed("a", "stop");
  feed("b", "length");
  feed("c", "tool_calls");
  feed("d", "");
  feed("e", "error", true);
  run.watermark(100);
  EXPECT_EQ(run.seen(kService, "truncation_rate").n, 3);
  EXPECT_NEAR(run.value(kService, "truncation_rate"), 1.0 / 3, 1e-12);
  EXPECT_FALSE(run.has(kService, "soft_error_rate")) << "emptiness and schema are not known without texts";
}

TEST(Assemble, ATextDecidesBeforeTheFinishReason) {
  AssembleRun run;
  auto call = llm("m", "r", 1, 2);
  answered(call);
  call.mutable_signals()->set_truncated(true);  // JSON that breaks off
  call.add_finish_reasons("stop");
  run.feed(fragment("t", {root("r", 0, 4), call}));
  run.watermark(100);
  EXPECT_EQ(run.seen(kService, "truncation_rate").n, 1);
  EXPECT_EQ(run.value(kService, "truncation_rate"), 1);
}

TEST(Assemble, TokensThatNobodyStatedAreMissingNotZero) {
  AssembleRun run;
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2, "gpt-x", -1, -1)}));
  run.watermark(100);
  EXPECT_FALSE(run.has(kService, "input_tokens"));
  EXPECT_FALSE(run.has(kService, "cost"));
  EXPECT_FALSE(run.has(kService, "cost_per_request"));
  EXPECT_FALSE(run.has(kService, "unpriced_rate"));
}

TEST(Assemble, ARequestCountsInEachGroupWhoseLabelsItHas) {
  AssembleOptions options;
  options.entities = {{"service"}, {"service", "segment"}, {"model", "service"}, {"service", "response_model"}};
  AssembleRun run(options);
  auto call = llm("m", "r", 1, 2);
  call.set_response_model("gpt-x-7");
  run.feed(fragment("t", {root("r", 0, 4), call}));
  run.watermark(100);
  EXPECT_EQ(run.value("service=shop", "requests"), 1);
  EXPECT_EQ(run.value("model=gpt-x,service=shop", "requests"), 1);
  EXPECT_EQ(run.value("service=shop,response_model=gpt-x-7", "llm_calls"), 1);
  EXPECT_EQ(run.partials().size(), 3u) << "no segment, no such entity";
}

TEST(Assemble, CallsCountUnderTheirOwnModel) {
  AssembleRun run;
  auto answer = llm("m", "r", 1, 2);
  answered(answer);
  run.feed(fragment("t", {root("r", 0, 4), answer, llm("title", "r", 2, 3, "tiny", 7, 1)}));
  run.watermark(100);
  EXPECT_EQ(run.value(kModel, "requests"), 1);
  EXPECT_EQ(run.value(kModel, "input_tokens"), 100);
  EXPECT_EQ(run.value("service=shop,endpoint=/chat,model=tiny", "input_tokens"), 7);
  EXPECT_FALSE(run.has("service=shop,endpoint=/chat,model=tiny", "requests"));
  EXPECT_EQ(run.value(kEndpoint, "input_tokens"), 107);
}

TEST(Assemble, SightingsNameTheEarliestTraceOfEachValue) {
  AssembleRun run;
  auto call = llm("m", "r", 1, 2);
  call.set_response_model("gpt-x-7");
  run.feed(fragment("late", {root("r", 10, 14), call}));
  run.feed(fragment("early", {root("r", 0, 4), call}));
  run.watermark(100);
  std::map<std::string, std::string> seen;
  for (const auto& [key, partial] : run.partials())
    if (key == kService)
      for (const auto& sighting : partial.sightings())
        seen[sighting.label() + "=" + sighting.value()] = sighting.trace_id();
  EXPECT_EQ(seen, (std::map<std::string, std::string>{
                      {"endpoint=/chat", "early"}, {"model=gpt-x", "early"}, {"response_model=gpt-x-7", "early"}}));
}

TEST(Assemble, SpansBeyondTheLimitAreCountedAndDuplicatesAreNotAmongThem) {
  AssembleOptions options;
  options.max_spans_per_trace = 2;
  AssembleRun run(options);
  const auto call = llm("m", "r", 1, 2);
  run.feed(fragment("t", {root("r", 0, 4), call, llm("x", "r", 1, 2), call}));
  run.watermark(100);
  EXPECT_EQ(run.count("spans_over_limit"), 1u);
  EXPECT_EQ(run.count("duplicate_spans"), 1u);
  EXPECT_EQ(run.value(kService, "llm_calls"), 1);
}

TEST(Assemble, ATraceThatNeverEndsIsClosedWhenItIsFull) {
  AssembleOptions options;
  options.max_spans_per_trace = 5;
  AssembleRun run(options);
  run.feed(fragment("t", {root("r", 0, 1)}));
  for (int i = 1; i <= 40; ++i) {
    run.feed(fragment("t", {llm(std::to_string(i), "r", i, i + 1)}));
    run.watermark(i);
  }
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.stage().output_watermark(), at(40));
}

TEST(Assemble, CombinesACommitIntoOnePartialPerEntityAndPane) {
  AssembleRun run;
  for (int i = 0; i < 50; ++i)
    run.feed(fragment("t" + std::to_string(i), {root("r", i, i + 20), llm("m", "r", i, i + 1)}));
  run.watermark(500);
  EXPECT_EQ(run.count("requests"), 50u);
  EXPECT_EQ(run.partials().size(), 3u * 2) << "three groups, two panes";
  EXPECT_EQ(run.value(kService, "requests"), 50);
  EXPECT_EQ(run.value(kService, "requests", 0), 40);
  run.watermark(501);
  EXPECT_EQ(run.partials().size(), 6u) << "nothing new, nothing said";
}

TEST(Assemble, HoldsTheOutputWatermarkAtTheLastSpanOfAnOpenRequest) {
  AssembleRun run;
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));
  run.watermark(10);
  EXPECT_EQ(run.stage().output_watermark(), at(4));
  run.feed(fragment("t", {llm("m2", "r", 5, 12)}));
  run.watermark(20);
  EXPECT_EQ(run.stage().output_watermark(), at(12)) << "a long trace holds no pane of its earlier spans";
  run.watermark(22);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.stage().output_watermark(), at(22));
}

TEST(Assemble, WhatIsBehindTheWatermarkHoldsNobodyBack) {
  AssembleRun run;
  run.watermark(100);
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));
  run.feed(fragment("u", thumb("f", 50, true)));
  run.watermark(101);
  EXPECT_EQ(run.stage().output_watermark(), at(101));
}

TEST(Assemble, AnEventThatWasWaitedForInVainHoldsNothingLater) {
  AssembleRun run;
  run.feed(fragment("t", thumb("f", 10, true)));
  run.watermark(70);  // given up
  EXPECT_EQ(run.stage().output_watermark(), at(70));
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));  // late
  run.watermark(75);
  EXPECT_EQ(run.stage().output_watermark(), at(75));
}

TEST(Assemble, NeverTakesBackWhatItPromised) {
  std::mt19937_64 random(7);
  AssembleRun run;
  Timestamp promised = kMinTimestamp;
  for (int i = 0; i < 2000; ++i) {
    const double time = i * 0.5 - static_cast<double>(random() % 40);
    const std::string trace = "t" + std::to_string(random() % 300);
    if (random() % 5 == 0)
      run.feed(fragment(trace, thumb("f" + std::to_string(i), time, true)));
    else
      run.feed(fragment(trace, {llm(std::to_string(i), random() % 2 == 0 ? "" : "r", time - 1, time)}));
    if (random() % 3 == 0) run.watermark(i * 0.5 - 15);
    ASSERT_GE(run.stage().output_watermark(), promised);
    promised = run.stage().output_watermark();
  }
}

TEST(Assemble, NeedsItsInputFromTheOldestTraceThatIsKept) {
  AssembleRun run;
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));  // offset 0
  run.feed(fragment("u", {root("r", 1000, 1001)}));                 // offset 1
  run.feed(fragment("t", {llm("m3", "r", 1, 5)}));                  // offset 2
  run.watermark(5 + 60 + 3600 - 1);
  EXPECT_EQ(run.stage().needed_from(), 0);
  run.watermark(5 + 60 + 3600);
  EXPECT_EQ(run.stage().needed_from(), 1);
  run.watermark(1001 + 60 + 3600);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(Assemble, AQuietTimeBeyondTheHorizonClosesBeforeItForgets) {
  AssembleOptions options;
  options.trace_quiet = std::chrono::minutes(3);
  options.join_horizon = Duration::zero();
  AssembleRun run(options);
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));
  run.watermark(90);
  run.watermark(4 + 180);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(Assemble, TimesAtTheEndOfTheRangeAreTakenAsTheyAre) {
  AssembleRun run;
  auto call = llm("m", "", 1, 2);
  call.set_end_unix_nano(std::numeric_limits<int64_t>::max() - 5);
  run.feed(fragment("t", {call}));
  run.watermark(100);
  EXPECT_EQ(run.count("requests"), 0u);
}

TEST(Assemble, TheEndOfInputClosesEverything) {
  AssembleRun run;
  run.feed(fragment("t", {llm("m", "r", 1, 2)}));
  run.watermark(kMaxTimestamp);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.stage().output_watermark(), kMaxTimestamp);
}

TEST(Assemble, WhatIsNoFragmentIsADeadLetter) {
  AssembleRun run;
  run.feed_bytes("k", "\xff\xff\xff");
  run.feed(fragment("t", {root("r", 0, 4), llm("m", "r", 1, 2)}));
  run.watermark(100);
  EXPECT_EQ(run.count("requests"), 1u);
  EXPECT_EQ(run.out().counts().at({"dead_letters", "bad_fragment"}), 1u);
}

}  // namespace
}  // namespace tidewatch
