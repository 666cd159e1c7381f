#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/stream/ingest/mapping/otlp_builder.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

CallDetails details_of(OtlpAttributes attributes, std::vector<OtlpEvent> events = {}) {
  SpanMapper mapper(DialectTable::embedded().value(), SpanMapper::Depth::details);
  OtlpSpan span = span_of(std::move(attributes));
  span.events = std::move(events);
  v1::SpanFacts facts;
  return mapper.map({}, {}, span, facts).details;
}

TEST(CallDetails, AreNotReadOfEverySpan) {
  SpanMapper mapper(DialectTable::embedded().value());
  v1::SpanFacts facts;
  const OtlpSpan span =
      span_of({{"gen_ai.operation.name", text("chat")}, {"gen_ai.system_instructions", text("Be short.")}});
  EXPECT_TRUE(mapper.map({}, {}, span, facts).details.empty());
}

TEST(CallDetails, OfOpenTelemetry) {
  const auto details = details_of(
      {{"gen_ai.operation.name", text("chat")},
       {"gen_ai.system_instructions", text(R"([{"type":"text","content":"Answer from the context only."}])")},
       {"gen_ai.input.messages",
        text(
            R"([{"role":"user","parts":[{"type":"text","content":"Hello"}]},)"
            R"({"role":"assistant","parts":[{"type":"text","content":"Hello you"}]},)"
            R"({"role":"user","parts":[{"type":"text","content":"Where is my order?"}]},)"
            R"({"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"order_status","arguments":{"order_id":"A-17"}}]},)"
            R"({"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"shipped"}]}])")},
       {"gen_ai.output.messages",
        text(
            R"([{"role":"assistant","parts":[{"type":"tool_call","id":"c2","name":"track","arguments":{"parcel":7}}]}])")},
       {"gen_ai.tool.definitions",
        text(
            R"([{"type":"function","name":"track","parameters":{"type":"object"}},{"type":"function","name":"order_status"}])")}});
  EXPECT_EQ(details.instructions, "Answer from the context only.");
  EXPECT_THAT(details.conversation, ElementsAre("Hello", "Hello you"));
  EXPECT_THAT(details.tool_results, ElementsAre("shipped"));
  ASSERT_THAT(details.tool_calls, SizeIs(1)) << "the answer's, not those before it";
  EXPECT_EQ(details.tool_calls[0].name, "track");
  EXPECT_EQ(details.tool_calls[0].arguments, R"({"parcel":7})");
  ASSERT_THAT(details.tools, SizeIs(2));
  EXPECT_EQ(details.tools[0].schema, R"({"type":"object"})");
  EXPECT_EQ(details.tools[1].schema, "");
}

TEST(CallDetails, OfOpenInference) {
  const auto details = details_of(
      {{"openinference.span.kind", text("LLM")},
       {"llm.input_messages.0.message.role", text("system")},
       {"llm.input_messages.0.message.content", text("Be kind.")},
       {"llm.input_messages.1.message.role", text("user")},
       {"llm.input_messages.1.message.content", text("Order?")},
       {"llm.output_messages.0.message.role", text("assistant")},
       {"llm.output_messages.0.message.tool_calls.0.tool_call.function.name", text("order_status")},
       {"llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", text(R"({"order_id":"A-17"})")},
       {"llm.output_messages.0.message.tool_calls.1.tool_call.function.name", text("ping")},
       {"llm.tools.0.tool.json_schema",
        text(R"({"type":"function","function":{"name":"order_status","parameters":{"type":"object"}}})")}});
  EXPECT_EQ(details.instructions, "Be kind.");
  EXPECT_THAT(details.conversation, IsEmpty());
  ASSERT_THAT(details.tool_calls, SizeIs(2));
  EXPECT_EQ(details.tool_calls[0].arguments, R"({"order_id":"A-17"})");
  EXPECT_EQ(details.tool_calls[1].name, "ping");
  ASSERT_THAT(details.tools, SizeIs(1));
  EXPECT_EQ(details.tools[0].name, "order_status");
}

TEST(CallDetails, OfOpenLlmetry) {
  const auto details = details_of({{"llm.request.type", text("chat")},
                                   {"gen_ai.prompt.0.role", text("system")},
                                   {"gen_ai.prompt.0.content", text("Be kind.")},
                                   {"gen_ai.prompt.1.role", text("user")},
                                   {"gen_ai.prompt.1.content", text("Order?")},
                                   {"gen_ai.completion.0.role", text("assistant")},
                                   {"gen_ai.completion.0.tool_calls.0.name", text("order_status")},
                                   {"gen_ai.completion.0.tool_calls.0.arguments", text(R"({"order_id":1})")},
                                   {"llm.request.functions.0.name", text("order_status")},
                                   {"llm.request.functions.0.parameters", text(R"({"type":"object"})")}});
  EXPECT_EQ(details.instructions, "Be kind.");
  ASSERT_THAT(details.tool_calls, SizeIs(1));
  EXPECT_EQ(details.tool_calls[0].arguments, R"({"order_id":1})");
  ASSERT_THAT(details.tools, SizeIs(1));
  EXPECT_EQ(details.tools[0].schema, R"({"type":"object"})");
}

TEST(CallDetails, OfVercel) {
  const auto details = details_of(
      {{"ai.operationId", text("ai.generateText.doGenerate")},
       {"ai.prompt.messages",
        text(
            R"([{"role":"system","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"Order?"}]}])")},
       {"ai.prompt.tools", list({text(R"({"type":"function","name":"orderStatus","inputSchema":{"type":"object"}})")})},
       {"ai.response.toolCalls", text(R"([{"toolCallId":"c","toolName":"orderStatus","input":"{\"id\":1}"}])")}});
  EXPECT_EQ(details.instructions, "Be kind.");
  ASSERT_THAT(details.tool_calls, SizeIs(1));
  EXPECT_EQ(details.tool_calls[0].name, "orderStatus");
  EXPECT_EQ(details.tool_calls[0].arguments, R"({"id":1})");
  ASSERT_THAT(details.tools, SizeIs(1));
  EXPECT_EQ(details.tools[0].schema, R"({"type":"object"})");
}

TEST(CallDetails, OfRequestsAndAnswersAsAnthropicAndOpenAiHaveThem) {
  const auto anthropic = details_of(
      {{"openinference.span.kind", text("LLM")},
       {"input.value",
        text(
            R"({"system":[{"type":"text","text":"Be kind."}],"tools":[{"name":"look","input_schema":{"type":"object"}}],)"
            R"("messages":[{"role":"user","content":"Find it"},{"role":"assistant","content":[{"type":"tool_use","name":"look","input":{"at":1}}]},)"
            R"({"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"found"}]}]}]})")},
       {"output.value",
        text(
            R"({"role":"assistant","content":[{"type":"text","text":"Once more."},{"type":"tool_use","name":"look","input":{"at":2}}]})")}});
  EXPECT_EQ(anthropic.instructions, "Be kind.");
  EXPECT_THAT(anthropic.tool_results, ElementsAre("found"));
  ASSERT_THAT(anthropic.tools, SizeIs(1));
  ASSERT_THAT(anthropic.tool_calls, SizeIs(1));
  EXPECT_EQ(anthropic.tool_calls[0].arguments, R"({"at":2})");
  const auto openai = details_of(
      {{"openinference.span.kind", text("LLM")},
       {"output.value",
        text(
            R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{\"at\":3}"}}]}}]})")}});
  ASSERT_THAT(openai.tool_calls, SizeIs(1));
  EXPECT_EQ(openai.tool_calls[0].arguments, R"({"at":3})");
}

TEST(CallDetails, OfDocumentsWithTheirIds) {
  const auto numbered =
      details_of({{"openinference.span.kind", text("RETRIEVER")},
                  {"retrieval.documents.0.document.id", text("d1")},
                  {"retrieval.documents.0.document.content", text("One.")},
                  {"retrieval.documents.0.document.metadata", text(R"({"title":"First","source":"https://x/1"})")},
                  {"retrieval.documents.1.document.content", text("Two.")}});
  ASSERT_THAT(numbered.documents, SizeIs(2));
  EXPECT_EQ(numbered.documents[0].id, "d1");
  EXPECT_EQ(numbered.documents[0].title, "First");
  EXPECT_EQ(numbered.documents[0].url, "https://x/1");
  EXPECT_EQ(numbered.documents[1].text, "Two.");
  const auto listed =
      details_of({{"gen_ai.operation.name", text("retrieval")},
                  {"gen_ai.retrieval.documents",
                   text(R"([{"id":7,"score":0.5,"content":"Three.","metadata":{"url":"https://x/3"}}])")}});
  ASSERT_THAT(listed.documents, SizeIs(1));
  EXPECT_EQ(listed.documents[0].id, "7");
  EXPECT_EQ(listed.documents[0].url, "https://x/3");
}

TEST(CallDetails, OfEvents) {
  const auto event = [](std::string_view name, std::string_view content) {
    OtlpEvent out;
    out.name = name;
    out.attributes = {{"gen_ai.event.content", text(content)}};
    return out;
  };
  const auto details = details_of(
      {{"gen_ai.operation.name", text("chat")}},
      {event("gen_ai.system.message", R"({"content":"Be kind."})"), event("gen_ai.user.message", R"({"content":"Hi"})"),
       event("gen_ai.assistant.message", R"({"content":"Hello"})"),
       event("gen_ai.tool.message", R"({"content":"sunny"})"),
       event("gen_ai.user.message", R"({"content":"And now?"})"),
       event("gen_ai.choice", R"({"message":{"tool_calls":[{"function":{"name":"look","arguments":"{}"}}]}})")});
  EXPECT_EQ(details.instructions, "Be kind.");
  EXPECT_THAT(details.conversation, ElementsAre("Hi", "Hello"));
  EXPECT_THAT(details.tool_results, ElementsAre("sunny"));
  ASSERT_THAT(details.tool_calls, SizeIs(1));
  EXPECT_EQ(details.tool_calls[0].name, "look");
}

TEST(CallDetails, WhatIsNoJsonOrDeepIsPassedOver) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += R"({"messages":[)";
  for (int i = 0; i < 200; ++i) deep += "]}";
  EXPECT_TRUE(details_of({{"gen_ai.operation.name", text("chat")},
                          {"gen_ai.input.messages", text(deep)},
                          {"gen_ai.output.messages", text("{broken")},
                          {"gen_ai.tool.definitions", text(R"([1,null,{"name":7},"{"])")}})
                  .empty());
}

}  // namespace
}  // namespace tidewatch
