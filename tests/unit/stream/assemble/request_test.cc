#include "stream/assemble/request.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/stream/assemble/fragments.h"

namespace tidewatch {
namespace {

/// What a request says, as one text: equal for equal requests.
std::string describe(const Request& request) {
  std::string out = request.has_root ? "root " : "rootless ";
  out += request.is_failed ? "failed:" + request.error_kind : "ok";
  out += " " + std::to_string(request.latency.count()) + " " + std::to_string(request.time.time_since_epoch().count());
  auto rows = std::vector<std::pair<std::string, std::string>>(request.labels.begin(), request.labels.end());
  std::sort(rows.begin(), rows.end());
  for (const auto& [name, value] : rows) out += " " + name + "=" + value;
  for (const auto& call : request.calls) {
    out += "\n" + call.facts().span_id() + (call.is_model_call ? " call " : " ") + call.model;
    for (const auto& [name, value] : call.labels) out += " " + name + "=" + value;
    if (call.usage.input_tokens) out += " in=" + std::to_string(*call.usage.input_tokens);
    if (call.usage.cost_usd) out += " usd=" + std::to_string(*call.usage.cost_usd);
  }
  if (request.answer != nullptr) out += "\nanswer " + request.answer->facts().span_id();
  return out;
}

std::vector<v1::SpanFacts> agent_trace() {
  auto entry = root("r", 0, 9);
  auto agent = span("a", "r", 0.1, 8.5, v1::OPERATION_AGENT);
  label(agent, "prompt_version", "v2");
  auto first = llm("m1", "a", 1, 2);
  auto tool = span("t", "a", 2, 3, v1::OPERATION_TOOL);
  tool.set_tool_name("search");
  auto last = llm("m2", "a", 3, 8, "gpt-y");
  answered(last);
  return {entry, agent, first, tool, last};
}

TEST(Request, DoesNotDependOnTheOrderOfSpans) {
  auto spans = agent_trace();
  const auto straight = trace_of(spans);
  const std::string expected = describe(assemble_request("t", straight));
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  do {
    std::vector<TraceSpan> shuffled;
    for (const size_t i : order) shuffled.push_back(straight[i]);
    ASSERT_EQ(describe(assemble_request("t", shuffled)), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Request, CyclesAreCutAtTheSamePlaceWhateverTheOrder) {
  // b -> c -> d -> b, and e below c: no span is without a parent.
  auto b = llm("b", "d", 1, 2);
  label(b, "service", "shop");
  auto c = span("c", "b", 2, 3, v1::OPERATION_AGENT);
  c.set_input_tokens(500);
  const auto d = llm("d", "c", 3, 4, "gpt-y");
  const auto e = span("e", "c", 0, 5, v1::OPERATION_TOOL);
  const auto straight = trace_of({b, c, d, e});
  const auto request = assemble_request("t", straight);
  EXPECT_EQ(request.calls.size(), 4u) << "no span is lost";
  EXPECT_FALSE(request.has_root);
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    std::vector<TraceSpan> shuffled;
    for (const size_t i : order) shuffled.push_back(straight[i]);
    ASSERT_EQ(describe(assemble_request("t", shuffled)), describe(request));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Request, ASpanThatIsItsOwnParentIsNoRoot) {
  const auto spans = trace_of({llm("a", "a", 0, 1)});
  const auto request = assemble_request("t", spans);
  EXPECT_FALSE(request.has_root);
  EXPECT_EQ(request.calls.size(), 1u);
}

TEST(Request, AServerSpanWhoseCallerIsAbsentIsTheEntry) {
  auto server = root("s", 1, 5);
  server.set_parent_span_id("gateway");
  const auto inner = span("i", "s", 2, 3, v1::OPERATION_SERVER);
  const auto spans = trace_of({inner, llm("m", "i", 2, 3), server});
  const auto request = assemble_request("t", spans);
  EXPECT_TRUE(request.has_root);
  EXPECT_EQ(to_seconds(request.latency), 4);
  EXPECT_EQ(request.labels.get("endpoint"), "/chat");
}

TEST(Request, WithoutRootLastsFromFirstStartToLastEnd) {
  const auto spans = trace_of({llm("m1", "gone", 2, 3), llm("m2", "gone", 4, 7.5)});
  const auto request = assemble_request("t", spans);
  EXPECT_FALSE(request.has_root);
  EXPECT_EQ(to_seconds(request.latency), 5.5);
  EXPECT_EQ(request.time, at(7.5));
}

TEST(Request, CountsAtTheEndOfItsLastSpanAlsoWhenTheRootEndsEarlier) {
  const auto spans = trace_of({root("r", 0, 2), llm("m", "r", 1, 90)});
  EXPECT_EQ(assemble_request("t", spans).time, at(90));
}

TEST(Request, CallsHaveTheLabelsOfTheNearestSpanButTheEntrysServiceAndEndpoint) {
  auto entry = root("r", 0, 9);
  label(entry, "prompt_version", "v1");
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  label(agent, "prompt_version", "v2");
  label(agent, "service", "agents");
  const auto spans = trace_of({entry, agent, llm("in", "a", 1, 2), llm("out", "r", 3, 4)});
  const auto request = assemble_request("t", spans);
  EXPECT_EQ(request.labels.get("prompt_version"), "v1");
  for (const auto& call : request.calls) {
    EXPECT_EQ(call.labels.get("service"), "shop");
    EXPECT_EQ(call.labels.get("prompt_version"), call.facts().span_id() == "out" ? "v1" : "v2");
  }
}

TEST(Request, RetriesThatSucceedInTheEndAreNoFailure) {
  auto first = llm("1", "r", 0, 1, "gpt-x", -1, -1);
  auto second = llm("2", "r", 1, 2, "gpt-x", -1, -1);
  failed(first, "rate_limit");
  failed(second, "rate_limit");
  const auto spans = trace_of({root("r", 0, 4), first, second, llm("3", "r", 2, 4)});
  EXPECT_FALSE(assemble_request("t", spans).is_failed);
}

TEST(Request, FailsWhenEveryModelCallDidAndSaysWhy) {
  auto first = llm("1", "r", 0, 1);
  auto second = llm("2", "r", 1, 2);
  failed(first, "rate_limit");
  failed(second, "timeout");
  const auto spans = trace_of({root("r", 0, 4), first, second});
  const auto request = assemble_request("t", spans);
  EXPECT_TRUE(request.is_failed);
  EXPECT_EQ(request.error_kind, "timeout") << "the last one";
}

TEST(Request, FailsWithItsRoot) {
  auto entry = root("r", 0, 4);
  failed(entry, "server_error");
  const auto spans = trace_of({entry, llm("1", "r", 0, 1)});
  const auto request = assemble_request("t", spans);
  EXPECT_TRUE(request.is_failed);
  EXPECT_EQ(request.error_kind, "server_error");
  auto unnamed = root("r", 0, 4);
  failed(unnamed, "");
  EXPECT_EQ(assemble_request("t", trace_of({unnamed})).error_kind, "other");
}

TEST(Request, AFailedToolAloneIsNoFailure) {
  auto tool = span("t", "r", 0, 1, v1::OPERATION_TOOL);
  failed(tool, "timeout");
  EXPECT_FALSE(assemble_request("t", trace_of({root("r", 0, 4), tool, llm("m", "r", 1, 2)})).is_failed);
}

TEST(Request, ACallWithAnotherOneBelowIsCountedOnce) {
  // ChatOpenAI over the instrumented client; Vercel's ai.generateText over doGenerate.
  const auto spans = trace_of({root("r", 0, 4), llm("chain", "r", 0, 4), llm("client", "chain", 1, 3)});
  const auto request = assemble_request("t", spans);
  EXPECT_EQ(std::count_if(request.calls.begin(), request.calls.end(), [](const auto& c) { return c.is_model_call; }),
            1);
}

TEST(Request, ModelIsTheOneAskedForAndResponseModelAnotherLabel) {
  auto call = llm("m", "r", 1, 2, "gpt-x");
  call.set_response_model("gpt-x-2026-11-01");
  const auto spans = trace_of({root("r", 0, 4), call});
  const auto request = assemble_request("t", spans);
  EXPECT_EQ(request.labels.get("model"), "gpt-x");
  ASSERT_EQ(request.calls.size(), 1u);
  EXPECT_EQ(request.calls[0].labels.get("model"), "gpt-x");
  EXPECT_EQ(request.calls[0].labels.get("response_model"), "gpt-x-2026-11-01");
}

TEST(Request, ModelIsTheAnsweringOneNotALaterHelper) {
  auto answer = llm("m", "r", 1, 2, "gpt-x");
  answered(answer);
  const auto spans = trace_of({root("r", 0, 4), answer, llm("title", "r", 3, 4, "tiny")});
  EXPECT_EQ(assemble_request("t", spans).labels.get("model"), "gpt-x");
}

TEST(Request, AnswerIsTheLastModelCallWithTextNotTheStructureThatRepeatsIt) {
  auto agent = span("a", "r", 0, 8, v1::OPERATION_AGENT);
  answered(agent);
  auto first = llm("m1", "a", 1, 2);
  auto last = llm("m2", "a", 3, 5);
  answered(first);
  answered(last);
  const auto spans = trace_of({root("r", 0, 9), agent, first, last});
  const auto request = assemble_request("t", spans);
  ASSERT_NE(request.answer, nullptr);
  EXPECT_EQ(request.answer->facts().span_id(), "m2");
}

TEST(Request, OnlyStructureIsNoGenAi) {
  EXPECT_FALSE(
      assemble_request("t", trace_of({root("r", 0, 1), span("x", "r", 0, 1, v1::OPERATION_EXTERNAL)})).is_genai);
  EXPECT_TRUE(
      assemble_request("t", trace_of({root("r", 0, 1), span("x", "r", 0, 1, v1::OPERATION_RETRIEVAL)})).is_genai);
}

}  // namespace
}  // namespace tidewatch
