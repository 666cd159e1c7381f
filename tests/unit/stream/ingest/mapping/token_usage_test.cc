#include "stream/ingest/mapping/token_usage.h"

#include <gtest/gtest.h>

#include "tests/unit/stream/ingest/mapping/otlp_builder.h"

namespace tidewatch {
namespace {

TEST(TokenUsage, AliasesAreCoalescedNeverAdded) {
  const auto facts = map({{"gen_ai.usage.prompt_tokens", number(412)},
                          {"gen_ai.usage.input_tokens", number(412)},
                          {"llm.token_count.prompt", number(412)},
                          {"llm.usage.prompt_tokens", number(412)}})
                         .facts;
  EXPECT_EQ(facts.input_tokens(), 412U);
  EXPECT_FALSE(facts.has_output_tokens());
}

TEST(TokenUsage, MissingIsNotZeroAndZeroIsNotMissing) {
  const auto facts = map({{"gen_ai.usage.output_tokens", number(0)}, {"gen_ai.operation.name", text("chat")}}).facts;
  EXPECT_FALSE(facts.has_input_tokens());
  ASSERT_TRUE(facts.has_output_tokens());
  EXPECT_EQ(facts.output_tokens(), 0U);
}

TEST(TokenUsage, NumbersMayBeTextsAndNonsenseIsPassedOver) {
  const auto facts = map({{"gen_ai.usage.input_tokens", text("many")},
                          {"gen_ai.usage.prompt_tokens", text("39")},
                          {"gen_ai.usage.output_tokens", number(-1)}})
                         .facts;
  EXPECT_EQ(facts.input_tokens(), 39U);
  EXPECT_FALSE(facts.has_output_tokens());
}

TEST(TokenUsage, CachedTokensOfOpenTelemetryAreAPart) {
  const auto facts = map({{"gen_ai.provider.name", text("anthropic")},
                          {"gen_ai.usage.input_tokens", number(1000)},
                          {"gen_ai.usage.cache_read.input_tokens", number(900)},
                          {"gen_ai.usage.cache_creation.input_tokens", number(50)}})
                         .facts;
  EXPECT_EQ(facts.input_tokens(), 1000U);
  EXPECT_EQ(facts.cached_input_tokens(), 900U);
  EXPECT_EQ(facts.cache_write_tokens(), 50U);
}

TEST(TokenUsage, AnthropicsCachedTokensOfTheAiSdkAreExtra) {
  const OtlpAttributes anthropic{{"ai.model.provider", text("anthropic.messages")},
                                 {"ai.usage.inputTokens", number(1000)},
                                 {"ai.usage.cachedInputTokens", number(900)}};
  OtlpAttributes openai = anthropic;
  openai[0].value = text("openai.responses");
  EXPECT_EQ(map(anthropic).facts.input_tokens(), 1900U);
  EXPECT_EQ(map(openai).facts.input_tokens(), 1000U);
}

TEST(TokenUsage, APartIsNeverLargerThanTheWhole) {
  const auto facts = map({{"llm.token_count.prompt", number(3)},
                          {"llm.token_count.prompt_details.cache_read", number(22041)},
                          {"llm.token_count.prompt_details.cache_write", number(6422)}})
                         .facts;
  EXPECT_EQ(facts.input_tokens(), 28466U);
}

TEST(TokenUsage, TheTotalTellsThatReasoningIsExtra) {
  const auto gemini = map({{"ai.usage.inputTokens", number(6)},
                           {"ai.usage.outputTokens", number(951)},
                           {"ai.usage.reasoningTokens", number(900)},
                           {"ai.usage.totalTokens", number(1857)}})
                          .facts;
  EXPECT_EQ(gemini.output_tokens(), 1851U);
  const auto openai = map({{"ai.usage.inputTokens", number(6)},
                           {"ai.usage.outputTokens", number(951)},
                           {"ai.usage.reasoningTokens", number(900)},
                           {"ai.usage.totalTokens", number(957)}})
                          .facts;
  EXPECT_EQ(openai.output_tokens(), 951U);
}

TEST(TokenUsage, LangfuseBucketsDoNotOverlapButProviderShapesDo) {
  const auto buckets =
      map({{"langfuse.observation.usage_details",
            text(R"({"input":60,"output":15,"input_cache_read":40,"output_reasoning":5,"total":120})")}})
          .facts;
  EXPECT_EQ(buckets.input_tokens(), 100U);
  EXPECT_EQ(buckets.output_tokens(), 20U);
  EXPECT_EQ(buckets.cached_input_tokens(), 40U);
  const auto provider = map({{"langfuse.observation.usage_details",
                              text(R"({"prompt_tokens":412,"completion_tokens":11,"total_tokens":423,)"
                                   R"("prompt_tokens_details":{"cached_tokens":256}})")}})
                            .facts;
  EXPECT_EQ(provider.input_tokens(), 412U);
  EXPECT_EQ(provider.cached_input_tokens(), 256U);
  const auto anthropic = map({{"langfuse.observation.usage_details",
                               text(R"({"input_tokens":100,"output_tokens":9,"cache_read_input_tokens":30})")}})
                             .facts;
  EXPECT_EQ(anthropic.input_tokens(), 130U);
}

}  // namespace
}  // namespace tidewatch
