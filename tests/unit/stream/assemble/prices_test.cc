#include "stream/assemble/prices.h"

#include <gtest/gtest.h>

#include "schemas/embedded.h"
#include "stream/assemble/shipped_prices.h"
#include "tests/unit/stream/assemble/assemble_run.h"

namespace tidewatch {
namespace {

using std::chrono::hours;

double usd_of(const PriceList& prices, v1::SpanFacts facts) {
  const auto spans = trace_of({std::move(facts)});
  return prices.cost_of(assemble_request("t", spans)).value_or(-1);
}

/// A call at a day of 2025, by number.
v1::SpanFacts call_at(std::string_view day, std::string_view model, int input, int output) {
  auto out = llm("1", "", 0, 1, model, input, output);
  const Timestamp time = parse_day(day).value() + hours(12);
  out.set_start_unix_nano(time.time_since_epoch().count());
  out.set_end_unix_nano((time + std::chrono::seconds(1)).time_since_epoch().count());
  return out;
}

ModelPrice priced(std::string_view model, double input, double output) {
  ModelPrice out;
  out.model = std::string(model);
  out.input = input;
  out.output = output;
  return out;
}

TEST(PriceTable, APriceIsThatOfTheTimeOfTheCall) {
  ModelPrice before = priced("m", 10, 0);
  before.until = parse_day("2025-06-10").value();
  ModelPrice after = priced("m", 2, 0);
  after.from = before.until;
  const PriceList prices({after, before});
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "m", 1'000'000, 0)), 10);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-10", "m", 1'000'000, 0)), 2);
  EXPECT_EQ(usd_of(PriceList({after}), call_at("2025-06-09", "m", 1'000'000, 0)), -1) << "unknown, not zero";
}

TEST(PriceTable, ALongPromptIsPaidByItsTierAsAWhole) {
  ModelPrice price = priced("m", 1, 4);
  price.cached_input = 0.1;
  price.tiers = {{.above = 1'000, .input = 2}, {.above = 1'000'000, .output = 9}};
  const PriceList prices({price});
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "m", 1'000, 0)), 0.001);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "m", 1'001, 1'000)), 0.002002 + 0.004);
  auto cached = call_at("2025-06-09", "m", 2'000'000, 1'000'000);
  cached.set_cached_input_tokens(1'000'000);
  EXPECT_DOUBLE_EQ(usd_of(prices, cached), 2 + 0.1 + 9) << "a tier that states nothing of the cache leaves it as it is";
}

TEST(PriceTable, ReasoningIsPartOfTheOutput) {
  ModelPrice price = priced("m", 0, 4);
  price.reasoning = 10;
  auto call = call_at("2025-06-09", "m", 0, 1'000'000);
  call.set_reasoning_tokens(400'000);
  EXPECT_DOUBLE_EQ(usd_of(PriceList({price}), call), 0.6 * 4 + 0.4 * 10);
  EXPECT_DOUBLE_EQ(usd_of(PriceList({priced("m", 0, 4)}), call), 4);
}

TEST(PriceTable, InAServiceTierItsShareIsPaidAndInAnUnknownOneNobodyKnows) {
  ModelPrice price = priced("m", 2, 0);
  price.service_tiers = {{"batch", 0.5}};
  const PriceList prices({price});
  const auto in_tier = [&](std::string_view tier) {
    auto call = call_at("2025-06-09", "m", 1'000'000, 0);
    label(call, "service_tier", tier);
    return usd_of(prices, call);
  };
  EXPECT_DOUBLE_EQ(in_tier("batch"), 1);
  EXPECT_DOUBLE_EQ(in_tier("default"), 2);
  EXPECT_EQ(in_tier("priority"), -1);
}

TEST(PriceTable, CurrenciesAreConvertedByTheRateOfTheDay) {
  ModelPrice price = priced("m", 10, 0);
  price.currency = "EUR";
  const std::vector<CurrencyRate> rates = {{"EUR", 1.25, parse_day("2025-02-01").value()},
                                           {"EUR", 1.0, parse_day("2025-01-01").value()}};
  const PriceList prices({price}, rates);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-01-31", "m", 1'000'000, 0)), 10);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-02-01", "m", 1'000'000, 0)), 12.5);
  EXPECT_EQ(usd_of(prices, call_at("2024-12-31", "m", 1'000'000, 0)), -1) << "no rate holds yet";
}

TEST(PriceTable, OwnPricesComeBeforeTheShippedOnes) {
  const PriceList prices({priced("gpt-4o*", 1, 1)}, {}, {priced("gpt-4o", 2, 2), priced("gpt-4.1", 3, 3)});
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "gpt-4o", 1'000'000, 0)), 1);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "gpt-4.1", 1'000'000, 0)), 3);
}

TEST(ShippedPrices, AreReadAndEachHasASource) {
  for (const auto& [name, content] : embedded_prices()) {
    const auto read = parse_prices(content, name);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_GT(read->size(), 20u);
  }
  const PriceList prices = PriceList::of({});
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "gpt-4o-mini", 1'000'000, 1'000'000)), 0.75);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-09", "o3", 1'000'000, 0)), 10);
  EXPECT_DOUBLE_EQ(usd_of(prices, call_at("2025-06-10", "o3", 1'000'000, 0)), 2);
  AssembleOptions without;
  without.has_shipped_prices = false;
  EXPECT_EQ(usd_of(PriceList::of(without), call_at("2025-06-09", "gpt-4o-mini", 1, 1)), -1);
}

TEST(ShippedPrices, HoldForTheirProviderAndForCallsThatNameNone) {
  const PriceList prices = PriceList::of({});
  auto call = call_at("2025-06-09", "gpt-4o-mini", 1'000'000, 0);
  call.set_provider("");
  EXPECT_DOUBLE_EQ(usd_of(prices, call), 0.15);
  call.set_provider("azure.ai.openai");
  EXPECT_EQ(usd_of(prices, call), -1);
}

TEST(ShippedPrices, AMistakeIsToldWithItsLine) {
  const auto error_of = [](std::string_view entry) {
    return parse_prices("prices:\n  - " + std::string(entry), "p.yaml").error().message;
  };
  const std::string rest = "provider: p, input: 1, output: 1, source: s, as_of: 2025-01-01}";
  EXPECT_EQ(error_of("{models: [m], provider: p, input: 1, output: 1, as_of: 2025-01-01}"),
            "p.yaml:2: source is missing");
  EXPECT_EQ(error_of("{models: [m], inptu: 1, " + rest), "p.yaml:2: unknown key \"inptu\"");
  EXPECT_EQ(error_of("{models: [m], from: 2025-01-02, until: 2025-01-02, " + rest), "p.yaml:2: ends before it begins");
  EXPECT_EQ(error_of("{models: [m], from: soon, " + rest),
            "p.yaml:2: from: \"soon\" is no day with its year, as in 2025-04-14");
}

TEST(UnknownPrices, AreNamedAndCountedAndNeverZero) {
  AssembleOptions options;
  options.prices = {priced("gpt-x", 1, 1)};
  AssembleRun run(options);
  run.feed(fragment("t", {root("r", 0, 9), llm("1", "r", 1, 2), llm("2", "r", 2, 3, "other-model"),
                          llm("3", "r", 3, 4, "other-model")}));
  run.watermark(100);
  EXPECT_DOUBLE_EQ(run.value(kService, "cost"), 120e-6) << "of the call that is priced";
  EXPECT_FALSE(run.has(kService, "cost_per_request")) << "nobody knows what the request cost";
  EXPECT_DOUBLE_EQ(run.value(kService, "unpriced_rate"), 2.0 / 3);
  EXPECT_TRUE(run.has(kService, "unpriced_models"));
  EXPECT_EQ(run.count("unpriced_calls", "other-model"), 2u);
}

}  // namespace
}  // namespace tidewatch
