#include "stream/assemble/usage.h"

#include <gtest/gtest.h>

#include "stream/assemble/prices.h"
#include "tests/unit/stream/assemble/fragments.h"

namespace tidewatch {
namespace {

/// Sum over the calls of a request.
std::optional<double> total(const Request& request, std::optional<double> Usage::*amount) {
  std::optional<double> out;
  for (const Call& call : request.calls)
    if (call.usage.*amount) out = out.value_or(0) + *(call.usage.*amount);
  return out;
}

PriceList prices() {
  ModelPrice exact{"gpt-x", "openai", 2.0, 8.0, {}, {}, 0};
  exact.cached_input = 0.5;
  exact.cache_write = 4.0;
  ModelPrice family{"gpt-*", "", 1.0, 1.0, {}, {}, 0};
  ModelPrice dated{"gpt-x-2026*", "", 3.0, 3.0, {}, {}, 0.01};
  return PriceList({family, exact, dated});
}

double usd_of(v1::SpanFacts facts) {
  const auto spans = trace_of({std::move(facts)});
  return prices().cost_of(assemble_request("t", spans)).value_or(-1);
}

TEST(Usage, AParentThatRestatesItsChildrenDoesNotCount) {
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  agent.set_input_tokens(300);
  agent.set_output_tokens(60);
  agent.set_cost_usd(0.5);
  auto one = llm("1", "a", 1, 2, "gpt-x", 100, 20);
  auto two = llm("2", "a", 3, 4, "gpt-x", 200, 40);
  one.set_cost_usd(0.2);
  two.set_cost_usd(0.3);
  const auto spans = trace_of({agent, one, two});
  const auto request = assemble_request("t", spans);
  EXPECT_EQ(total(request, &Usage::input_tokens), 300);
  EXPECT_EQ(total(request, &Usage::output_tokens), 60);
  EXPECT_EQ(total(request, &Usage::cost_usd), 0.5);
}

TEST(Usage, ARestatementSkipsLevels) {
  auto top = span("a", "", 0, 9, v1::OPERATION_AGENT);
  top.set_input_tokens(100);
  const auto spans = trace_of({top, span("b", "a", 0, 9, v1::OPERATION_AGENT), llm("c", "b", 1, 2)});
  EXPECT_EQ(total(assemble_request("t", spans), &Usage::input_tokens), 100);
}

TEST(Usage, AParentThatAloneCarriesItCounts) {
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  agent.set_input_tokens(300);
  const auto spans = trace_of({agent, llm("1", "a", 1, 2, "gpt-x", -1, -1)});
  EXPECT_EQ(total(assemble_request("t", spans), &Usage::input_tokens), 300);
}

TEST(Usage, AParentsSumTellsWhatSilentCallsUsed) {
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  agent.set_input_tokens(300);
  agent.set_output_tokens(60);
  agent.set_cached_input_tokens(50);
  agent.set_cost_usd(0.5);
  auto one = llm("1", "a", 1, 2, "gpt-x", 100, 20);
  one.set_cached_input_tokens(20);
  one.set_cost_usd(0.2);
  const auto silent = llm("2", "a", 3, 4, "gpt-x", -1, -1);
  const auto request = assemble_request("t", trace_of({agent, one, silent}));
  EXPECT_EQ(total(request, &Usage::input_tokens), 300);
  EXPECT_EQ(total(request, &Usage::output_tokens), 60);
  EXPECT_EQ(total(request, &Usage::cached_tokens), 50);
  EXPECT_DOUBLE_EQ(*total(request, &Usage::cost_usd), 0.5);
  EXPECT_DOUBLE_EQ(*prices().cost_of(request), 0.5);
  EXPECT_EQ(request.calls[0].usage.input_tokens, 200) << "the rest counts on the agent";
}

TEST(Usage, ASumThatIsNoMoreThanItsCallsTellsNothing) {
  // As Microsoft's Agent Framework states the first call alone (631 and 35 of langfuse-traces/microsoft-agent).
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  agent.set_input_tokens(631);
  agent.set_cost_usd(0.1 + 0.2);
  auto one = llm("1", "a", 1, 2, "gpt-x", 631, 35);
  auto two = llm("2", "a", 3, 4, "gpt-x", -1, -1);
  auto three = llm("3", "a", 3, 4, "gpt-x", -1, -1);
  one.set_cost_usd(0.1);
  two.set_cost_usd(0.2);
  const auto request = assemble_request("t", trace_of({agent, one, two, three}));
  EXPECT_EQ(total(request, &Usage::input_tokens), 631);
  EXPECT_EQ(request.calls[0].usage.cost_usd, std::nullopt) << "rounding is no cost";
}

TEST(Usage, WithoutSilentCallsASumIsARestatementWhateverItSays) {
  auto agent = span("a", "r", 0, 9, v1::OPERATION_AGENT);
  agent.set_input_tokens(140);  // say, cached ones on top
  auto refused = llm("2", "a", 3, 4, "gpt-x", -1, -1);
  failed(refused, "rate_limit");
  const auto request = assemble_request("t", trace_of({agent, llm("1", "a", 1, 2), refused}));
  EXPECT_EQ(total(request, &Usage::input_tokens), 100);
}

TEST(Usage, ASilentCallThatASpanBetweenSpeaksForIsNotSilent) {
  auto top = span("t", "", 0, 9, v1::OPERATION_AGENT);
  top.set_input_tokens(500);  // something else than a sum
  auto chain = span("c", "t", 0, 9, v1::OPERATION_AGENT);
  chain.set_input_tokens(50);
  const auto request =
      assemble_request("t", trace_of({top, chain, llm("1", "c", 1, 2, "gpt-x", -1, -1), llm("2", "t", 1, 2)}));
  EXPECT_EQ(total(request, &Usage::input_tokens), 150);
}

TEST(Usage, StructureThatIsNoGenAiCarriesItToo) {
  auto gateway = root("r", 0, 9);
  gateway.set_input_tokens(300);
  const auto spans = trace_of({gateway, llm("1", "r", 1, 2, "gpt-x", -1, -1)});
  EXPECT_EQ(total(assemble_request("t", spans), &Usage::input_tokens), 300);
}

TEST(Usage, CachedTokensCountOnceWhoeverStatesThem) {
  auto outer = llm("o", "", 0, 9, "gpt-x", 100, 20);
  outer.set_cached_input_tokens(40);
  auto inner = llm("i", "o", 1, 2, "gpt-x", 100, 20);
  EXPECT_EQ(total(assemble_request("t", trace_of({outer, inner})), &Usage::cached_tokens), 40);
  inner.set_cached_input_tokens(40);
  EXPECT_EQ(total(assemble_request("t", trace_of({outer, inner})), &Usage::cached_tokens), 40);
  EXPECT_EQ(total(assemble_request("t", trace_of({outer, inner})), &Usage::input_tokens), 100);
}

TEST(Usage, ZeroIsStatedAndAbsentIsNot) {
  const auto none = trace_of({llm("1", "", 1, 2, "gpt-x", -1, -1)});
  EXPECT_EQ(total(assemble_request("t", none), &Usage::input_tokens), std::nullopt);
  const auto zero = trace_of({llm("1", "", 1, 2, "gpt-x", 0, -1)});
  EXPECT_EQ(total(assemble_request("t", zero), &Usage::input_tokens), 0);
}

TEST(Prices, AnExactNameBeatsALongerPrefixBeatsAShorterOne) {
  EXPECT_DOUBLE_EQ(usd_of(llm("1", "", 0, 1, "gpt-x", 1'000'000, 1'000'000)), 10.0);
  EXPECT_DOUBLE_EQ(usd_of(llm("1", "", 0, 1, "gpt-x-2026-11", 1'000'000, 0)), 3.01);
  EXPECT_DOUBLE_EQ(usd_of(llm("1", "", 0, 1, "gpt-z", 1'000'000, 0)), 1.0);
}

TEST(Prices, TheModelThatAnsweredIsBilled) {
  auto call = llm("1", "", 0, 1, "gpt-x", 1'000'000, 0);
  call.set_response_model("gpt-x-2026-11-01");
  EXPECT_DOUBLE_EQ(usd_of(call), 3.01);
}

TEST(Prices, AProviderMustBeTheStatedOne) {
  auto call = llm("1", "", 0, 1, "gpt-x", 1'000'000, 0);
  call.set_provider("azure.ai.openai");
  EXPECT_DOUBLE_EQ(usd_of(call), 1.0) << "the family's price";
}

TEST(Prices, CachedAndWrittenTokensHaveTheirOwnPriceAndAreNotCountedTwice) {
  auto call = llm("1", "", 0, 1, "gpt-x", 1'000'000, 0);
  call.set_cached_input_tokens(400'000);
  call.set_cache_write_tokens(100'000);
  EXPECT_DOUBLE_EQ(usd_of(call), 0.5 * 2.0 + 0.4 * 0.5 + 0.1 * 4.0);
}

TEST(Prices, AnUnknownModelHasNoCostNotACostOfZero) { EXPECT_EQ(usd_of(llm("1", "", 0, 1, "claude", 10, 10)), -1); }

TEST(Prices, AStatedCostBeatsTheList) {
  auto call = llm("1", "", 0, 1, "gpt-x", 1'000'000, 0);
  call.set_cost_usd(0.25);
  EXPECT_DOUBLE_EQ(usd_of(call), 0.25);
}

TEST(Prices, ACostStatedAboveIsNotAddedToTheListPriceOfItsTokens) {
  auto agent = span("a", "", 0, 9, v1::OPERATION_AGENT);
  agent.set_cost_usd(0.7);
  const auto spans =
      trace_of({agent, llm("1", "a", 1, 2), span("b", "a", 2, 5, v1::OPERATION_AGENT), llm("2", "b", 3, 4)});
  EXPECT_DOUBLE_EQ(prices().cost_of(assemble_request("t", spans)).value_or(-1), 0.7);
}

TEST(Prices, TokensThatOnlyTheParentBreaksDownDoNotMakeTheRequestUnpriced) {
  auto outer = llm("o", "", 0, 9, "gpt-x", 1'000'000, 0);
  outer.set_reasoning_tokens(10);
  const auto spans = trace_of({outer, llm("i", "o", 1, 2, "gpt-x", 1'000'000, 0)});
  EXPECT_DOUBLE_EQ(prices().cost_of(assemble_request("t", spans)).value_or(-1), 2.0);
}

TEST(Prices, OneUnknownPriceMakesTheRequestsCostUnknown) {
  const auto spans = trace_of({llm("1", "", 0, 1), llm("2", "", 1, 2, "claude")});
  EXPECT_EQ(prices().cost_of(assemble_request("t", spans)), std::nullopt);
}

}  // namespace
}  // namespace tidewatch
