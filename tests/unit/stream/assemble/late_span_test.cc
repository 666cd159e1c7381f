#include <gtest/gtest.h>

#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

/// A request with one call, closed at 100.
void close_one(AssembleRun& run, std::vector<v1::SpanFacts> spans) {
  run.feed(fragment("t", spans));
  run.watermark(100);
  ASSERT_EQ(run.count("requests"), 1u);
}

TEST(LateSpan, CountsWithTheLabelsOfItsRequest) {
  AssembleRun run;
  auto entry = root("r", 0, 4);
  label(entry, "prompt_version", "v7");
  close_one(run, {entry, llm("m", "r", 1, 2)});
  run.feed(fragment("t", {llm("late", "r", 3, 110)}));
  run.watermark(111);
  EXPECT_EQ(run.count("late_spans"), 1u);
  EXPECT_EQ(run.count("requests"), 1u) << "the request itself counts once";
  EXPECT_EQ(run.value(kModel, "llm_calls"), 2);
  EXPECT_EQ(run.value("service=shop,endpoint=/chat,prompt_version=v7", "input_tokens"), 200);
  EXPECT_EQ(run.value(kModel, "llm_calls", 60), 1) << "in the pane of its own end";
}

TEST(LateSpan, OfNoModelIsOfNoModel) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), llm("m", "r", 1, 2)});
  auto tool = span("late", "r", 3, 4, v1::OPERATION_TOOL);
  tool.set_tool_name("search");
  run.feed(fragment("t", {tool}));
  run.watermark(111);
  EXPECT_EQ(run.value(kEndpoint, "tool_calls"), 1);
  EXPECT_FALSE(run.has(kModel, "tool_calls")) << "as when it had come in time";
}

TEST(LateSpan, CountedBeforeIsADuplicate) {
  AssembleRun run;
  const auto call = llm("m", "r", 1, 2);
  close_one(run, {root("r", 0, 4), call});
  run.feed(fragment("t", {call}));
  run.feed(fragment("t", {llm("late", "r", 3, 4)}));
  run.feed(fragment("t", {llm("late", "r", 3, 4)}));
  run.watermark(111);
  EXPECT_EQ(run.count("duplicate_spans"), 2u);
  EXPECT_EQ(run.value(kService, "llm_calls"), 2);
}

TEST(LateSpan, ThatRestatesWhatWasCountedBelowItAddsNothing) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), span("step", "agent", 1, 3, v1::OPERATION_AGENT), llm("m", "step", 1, 2)});
  auto agent = span("agent", "r", 0, 4, v1::OPERATION_AGENT);
  agent.set_input_tokens(100);
  agent.set_output_tokens(20);
  agent.set_cached_input_tokens(30);
  run.feed(fragment("t", {agent}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "input_tokens"), 100);
  EXPECT_EQ(run.value(kService, "output_tokens"), 20);
  EXPECT_EQ(run.value(kService, "cached_tokens"), 30) << "which nobody had stated";
}

TEST(LateSpan, ThatSumsUpCallsOfWhichSomeWereSilentAddsTheRest) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), llm("m", "a", 1, 2), llm("s", "a", 2, 3, "gpt-x", -1, -1)});
  auto agent = span("a", "r", 0, 4, v1::OPERATION_AGENT);
  agent.set_input_tokens(250);
  agent.set_output_tokens(20);
  run.feed(fragment("t", {agent}));
  run.watermark(200);
  EXPECT_EQ(run.value(kService, "input_tokens"), 250);
  EXPECT_EQ(run.value(kService, "output_tokens"), 20);
}

TEST(LateSpan, ThatWasRestatedByAParentAddsNothing) {
  AssembleRun run;
  auto agent = span("agent", "r", 0, 4, v1::OPERATION_AGENT);
  agent.set_input_tokens(100);
  close_one(run, {root("r", 0, 4), agent});
  run.feed(fragment("t", {llm("m", "agent", 1, 2)}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "input_tokens"), 100);
  EXPECT_EQ(run.value(kService, "output_tokens"), 20);
  EXPECT_EQ(run.value(kService, "llm_calls"), 1) << "the call itself was not counted yet";
}

TEST(LateSpan, StructureAroundACountedCallIsNoSecondCall) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), llm("client", "chain", 1, 2)});
  run.feed(fragment("t", {llm("chain", "r", 0, 3)}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "llm_calls"), 1);
  EXPECT_EQ(run.value(kService, "input_tokens"), 100);
}

TEST(LateSpan, TheCallInsideACountedOneIsNoSecondCall) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), llm("chain", "r", 0, 3)});
  run.feed(fragment("t", {llm("client", "chain", 1, 2)}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "llm_calls"), 1);
  EXPECT_EQ(run.value(kService, "input_tokens"), 100);
}

TEST(LateSpan, AStatedCostIsNotAddedToTheListPriceOfWhatWasCounted) {
  AssembleOptions options;
  options.prices = {{"gpt-x", "", 1.0, 1.0, {}, {}, 0}};
  AssembleRun run(options);
  close_one(run, {root("r", 0, 4), llm("m", "agent", 1, 2, "gpt-x", 1'000'000, 0)});
  auto agent = span("agent", "r", 0, 4, v1::OPERATION_AGENT);
  agent.set_cost_usd(0.9);
  run.feed(fragment("t", {agent}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "cost"), 1.0);
}

TEST(LateSpan, BeyondTheHorizonBeginsATraceOfItsOwn) {
  AssembleRun run;
  close_one(run, {root("r", 0, 4), llm("m", "r", 1, 2)});
  run.watermark(4 + 60 + 3600);
  run.feed(fragment("t", {llm("late", "r", 3, 3700)}));
  run.watermark(3700 + 60);
  EXPECT_EQ(run.count("late_spans"), 0u);
  EXPECT_EQ(run.count("rootless_requests"), 1u);
}

TEST(LateSpan, BeyondTheLimitIsCountedAndLeftOut) {
  AssembleOptions options;
  options.max_spans_per_trace = 3;
  AssembleRun run(options);
  close_one(run, {root("r", 0, 4), llm("m", "r", 1, 2)});
  for (const char* id : {"a", "b", "c"}) run.feed(fragment("t", {llm(id, "r", 3, 4)}));
  run.watermark(111);
  EXPECT_EQ(run.count("late_spans"), 1u);
  EXPECT_EQ(run.count("spans_over_limit"), 2u);
  EXPECT_EQ(run.value(kService, "llm_calls"), 2);
}

TEST(LateSpan, InAChainOfThousandsIsJudgedInNoTime) {
  AssembleRun run;
  std::vector<v1::SpanFacts> spans = {root("0", 0, 4)};
  for (int i = 1; i < 9000; ++i)
    spans.push_back(llm(std::to_string(i), std::to_string(i - 1), 1, 2, "gpt-x", i == 8999 ? 100 : -1, -1));
  close_one(run, spans);
  auto wrapper = llm("late", "8998", 1, 2);
  run.feed(fragment("t", {wrapper}));
  run.watermark(111);
  EXPECT_EQ(run.value(kService, "llm_calls"), 2) << "a sibling of the innermost call, which was counted";
}

}  // namespace
}  // namespace tidewatch
