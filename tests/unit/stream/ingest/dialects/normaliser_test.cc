#include "stream/ingest/dialects/normaliser.h"

#include <gtest/gtest.h>

#include "stream/ingest/dialects/dialect_table.h"

namespace tidewatch {
namespace {

const Normaliser& words() {
  static const auto table = DialectTable::embedded().value();
  return table->normaliser();
}

TEST(Normaliser, ProvidersGetOpenTelemetrysNames) {
  EXPECT_EQ(words().provider("OpenAI"), "openai");
  EXPECT_EQ(words().provider("openai.chat"), "openai");
  EXPECT_EQ(words().provider("az.ai.openai"), "azure.ai.openai");
  EXPECT_EQ(words().provider("google.generative-ai"), "gcp.gemini");
  EXPECT_EQ(words().provider("google.vertex.chat"), "gcp.vertex_ai");
  EXPECT_EQ(words().provider("amazon-bedrock"), "aws.bedrock");
  EXPECT_EQ(words().provider("anthropic.messages"), "anthropic");
  EXPECT_EQ(words().provider("Our-Own"), "our-own");
}

TEST(Normaliser, FinishReasonsOfAllProviders) {
  for (const auto* stop : {"stop", "end_turn", "STOP", "\"stop\"", "stop_sequence"})
    EXPECT_EQ(words().finish_reason(stop), "stop") << stop;
  for (const auto* length : {"length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "incomplete"})
    EXPECT_EQ(words().finish_reason(length), "length") << length;
  for (const auto* tools : {"tool_calls", "tool-calls", "tool_call", "tool_use", "function_call"})
    EXPECT_EQ(words().finish_reason(tools), "tool_calls") << tools;
  for (const auto* filter : {"content_filter", "content-filter", "SAFETY", "RECITATION", "refusal"})
    EXPECT_EQ(words().finish_reason(filter), "content_filter") << filter;
  EXPECT_EQ(words().finish_reason("gremlins"), "other");
}

TEST(Normaliser, ErrorKindsByTypeThenMessageThenStatus) {
  EXPECT_EQ(words().error_kind("<class 'openai.RateLimitError'>", "", 0), "rate_limit");
  EXPECT_EQ(words().error_kind("AI_APICallError", "Rate limit reached", 0), "rate_limit");
  EXPECT_EQ(words().error_kind("openai.InternalServerError", "", 429), "server_error");
  EXPECT_EQ(words().error_kind("", "Error code: 503 - try again", 0), "server_error");
  EXPECT_EQ(words().error_kind("429", "", 0), "rate_limit");
  EXPECT_EQ(words().error_kind("openai.APITimeoutError", "", 0), "timeout");
  EXPECT_EQ(words().error_kind("openai.AuthenticationError", "", 0), "auth");
  EXPECT_EQ(words().error_kind("openai.BadRequestError", "", 0), "invalid_request");
  EXPECT_EQ(words().error_kind("anthropic.APIStatusError", "Overloaded", 0), "server_error");
  EXPECT_EQ(words().error_kind("", "This model's maximum context length is 8192 tokens", 400), "context_length");
  EXPECT_EQ(words().error_kind("", "filtered by Azure OpenAI's content management policy", 400), "content_filter");
  EXPECT_EQ(words().error_kind("", "", 404), "not_found");
  EXPECT_EQ(words().error_kind("", "", 418), "invalid_request");
  EXPECT_EQ(words().error_kind("ValueError", "no idea", 0), "other");
}

TEST(Normaliser, NumbersInMessagesAreNoStatusUnlessAnnounced) {
  EXPECT_EQ(words().error_kind("", "could not find 429 documents", 0), "other");
  EXPECT_EQ(words().error_kind("", "request failed with status 429", 0), "rate_limit");
}

TEST(Normaliser, WhatIsUnknownIsMissing) {
  for (const auto* missing : {"", "unknown", "None", "null", "N/A"}) EXPECT_TRUE(words().is_missing(missing));
  for (const auto* text : {"gpt-4o", "0", "no"}) EXPECT_FALSE(words().is_missing(text));
}

TEST(Normaliser, LabelsOfEvaluationsPassOrFailOrNeither) {
  EXPECT_EQ(words().passed("pass"), true);
  EXPECT_EQ(words().passed("Not Relevant"), false);
  EXPECT_EQ(words().passed("3 of 5"), std::nullopt);
}

}  // namespace
}  // namespace tidewatch
