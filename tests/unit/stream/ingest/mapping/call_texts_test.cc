#include <gtest/gtest.h>

#include "tests/unit/stream/ingest/mapping/otlp_builder.h"

namespace tidewatch {
namespace {

struct Shape {
  const char* name;
  const char* key;
  const char* value;
  const char* question;
};
class Questions : public ::testing::TestWithParam<Shape> {};

TEST_P(Questions, AreTheUsersLastMessage) {
  const auto& shape = GetParam();
  const auto mapped = map({{"gen_ai.operation.name", text("chat")}, {shape.key, text(shape.value)}});
  EXPECT_EQ(mapped.found.texts.question, shape.question);
  EXPECT_TRUE(mapped.found.has_content);
}

INSTANTIATE_TEST_SUITE_P(
    All, Questions,
    ::testing::Values(
        Shape{"parts", "gen_ai.input.messages",
              R"([{"role":"user","parts":[{"type":"text","content":"old"}]},{"role":"assistant","parts":[]},)"
              R"({"role":"user","parts":[{"type":"text","content":"new"},{"type":"blob","content":"xx"}]},)"
              R"({"role":"tool","parts":[{"type":"tool_call_response","response":"r"}]}])",
              "new"},
        Shape{
            "openai", "langfuse.observation.input",
            R"({"tools":[],"messages":[{"role":"system","content":"s"},{"role":"user","content":)"
            R"([{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"b"}]}]})",
            "a\nb"},
        Shape{
            "langchain", "langfuse.observation.input",
            R"({"messages":[{"type":"human","content":"one"},{"type":"ai","content":""},{"type":"human","content":"two"}]})",
            "two"},
        Shape{"serialised_langchain", "langfuse.observation.input",
              R"([[{"lc":1,"type":"constructor","id":["HumanMessage"],"kwargs":{"content":"hello","type":"human"}}]])",
              "hello"},
        Shape{"gemini", "input.value", R"({"model":"g","contents":[{"role":"user","parts":[{"text":"hi"}]}]})", "hi"},
        Shape{"gemini_text", "input.value", R"({"model":"g","contents":"What is it?"})", "What is it?"},
        Shape{"vercel_outer", "ai.prompt", R"({"system":"s","prompt":"Where?"})", "Where?"},
        Shape{"completion_list", "llm.prompts", R"(["Tell me"])", "Tell me"},
        Shape{"responses_api", "input.value",
              R"([{"role":"user","content":"Weather?"},{"type":"function_call","name":"f","arguments":"{}"},)"
              R"({"type":"function_call_output","output":"sunny"}])",
              "Weather?"},
        Shape{"pydantic_events", "events",
              R"([{"event.name":"gen_ai.system.message","content":"s","role":"system"},)"
              R"({"event.name":"gen_ai.user.message","content":"q","role":"user"}])",
              "q"},
        Shape{"plain", "input.value", "Just a text", "Just a text"},
        Shape{"looks_like_json", "input.value", "{not json", "{not json"}),
    [](const auto& param) { return param.param.name; });

struct Reply {
  const char* name;
  const char* key;
  const char* value;
  const char* answer;  ///< nullptr: none
  bool calls_tools;
  const char* finish_reason;
};
class Answers : public ::testing::TestWithParam<Reply> {};

TEST_P(Answers, AreFoundInEveryShape) {
  const auto& reply = GetParam();
  const auto mapped = map({{"gen_ai.operation.name", text("chat")}, {reply.key, text(reply.value)}});
  const auto& texts = mapped.found.texts;
  ASSERT_EQ(texts.answer.has_value(), reply.answer != nullptr);
  if (reply.answer != nullptr) {
    EXPECT_EQ(*texts.answer, reply.answer);
  }
  EXPECT_EQ(texts.has_tool_calls, reply.calls_tools);
  const std::string expected = reply.finish_reason;
  EXPECT_EQ(mapped.facts.finish_reasons_size(), expected.empty() ? 0 : 1);
  if (!expected.empty()) {
    EXPECT_EQ(mapped.facts.finish_reasons(0), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Answers,
    ::testing::Values(
        Reply{
            "parts", "gen_ai.output.messages",
            R"([{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"text","content":"ok"}],"finish_reason":"stop"}])",
            "ok", false, "stop"},
        Reply{"tool_call_part", "gen_ai.output.messages",
              R"([{"role":"assistant","parts":[{"type":"tool_call","name":"f"}],"finish_reason":"tool_call"}])",
              nullptr, true, "tool_calls"},
        Reply{
            "openai_response", "output.value",
            R"({"id":"x","choices":[{"index":0,"finish_reason":"length","message":{"role":"assistant","content":"cut"}}]})",
            "cut", false, "length"},
        Reply{"openai_tool_calls", "langfuse.observation.output",
              R"({"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f"}}]})", nullptr, true,
              ""},
        Reply{"empty_answer", "langfuse.observation.output", R"({"role":"assistant","content":""})", "", false, ""},
        Reply{"null_answer", "langfuse.observation.output", R"({"role":"assistant","content":null})", "", false, ""},
        Reply{"anthropic", "output.value",
              R"({"role":"assistant","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn"})", "hello",
              false, "stop"},
        Reply{
            "gemini", "output.value",
            R"({"candidates":[{"content":{"parts":[{"text":"think","thought":true},{"text":"yes"}],"role":"model"},"finish_reason":"STOP"}]})",
            "yes", false, "stop"},
        Reply{"responses_api", "output.value",
              R"({"object":"response","status":"completed","output":[{"type":"reasoning","summary":[]},)"
              R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]}]})",
              "done", false, ""},
        Reply{"langchain_generations", "output.value",
              R"({"generations":[[{"text":"gen","message":{"kwargs":{"content":"gen"}}}]],"llm_output":{}})", "gen",
              false, ""},
        Reply{"json_answer_of_the_model", "langfuse.observation.output", R"({"answer": "Oslo", "result": 4})",
              R"({"answer": "Oslo", "result": 4})", false, ""},
        Reply{"json_text_of_the_sdk", "ai.response.text", R"({"content":"x","role":"user"})",
              R"({"content":"x","role":"user"})", false, ""},
        Reply{"tool_calls_beside_text", "ai.response.toolCalls", R"([{"toolName":"f"}])", nullptr, true, ""}),
    [](const auto& param) { return param.param.name; });

TEST(CallTexts, NumberedMessagesInAnyOrderOfAttributes) {
  const auto mapped = map({{"gen_ai.prompt.1.content", text("second")},
                           {"gen_ai.prompt.10.content", text("last")},
                           {"gen_ai.prompt.10.role", text("user")},
                           {"gen_ai.prompt.1.role", text("user")},
                           {"gen_ai.completion.0.content", text("answer")},
                           {"gen_ai.completion.0.role", text("assistant")},
                           {"gen_ai.completion.0.finish_reason", text("max_tokens")},
                           {"llm.request.type", text("chat")}});
  EXPECT_EQ(mapped.found.texts.question, "last");
  EXPECT_EQ(mapped.found.texts.answer, "answer");
  EXPECT_TRUE(mapped.found.texts.was_cut_off);
}

TEST(CallTexts, ContentAsAttributeValuesInsteadOfJsonText) {
  const auto message = object(
      {{"role", text("user")}, {"parts", list({object({{"type", text("text")}, {"content", text("structured")}})})}});
  const auto mapped = map({{"gen_ai.operation.name", text("chat")}, {"gen_ai.input.messages", list({message})}});
  EXPECT_EQ(mapped.found.texts.question, "structured");
}

TEST(CallTexts, ContentInEventsOfTheSpan) {
  auto span = span_of({{"gen_ai.operation.name", text("chat")}});
  span.events.push_back(
      {"gen_ai.user.message", kStart, {{"gen_ai.event.content", text(R"({"role":"user","content":"from event"})")}}});
  span.events.push_back(
      {"gen_ai.choice",
       kStart,
       {{"gen_ai.event.content", text(R"({"index":0,"finish_reason":"stop","message":{"content":"reply"}})")}}});
  const auto mapped = map(span);
  EXPECT_EQ(mapped.found.texts.question, "from event");
  EXPECT_EQ(mapped.found.texts.answer, "reply");
  EXPECT_EQ(mapped.facts.finish_reasons(0), "stop");

  auto older = span_of({{"gen_ai.operation.name", text("chat")}});
  older.events.push_back({"gen_ai.content.prompt", kStart, {{"gen_ai.prompt", text("plain prompt")}}});
  older.events.push_back({"gen_ai.content.completion", kStart, {{"gen_ai.completion", text("plain reply")}}});
  EXPECT_EQ(map(older).found.texts.question, "plain prompt");
  EXPECT_EQ(map(older).found.texts.answer, "plain reply");
}

TEST(CallTexts, DeclaredSchemaAndJsonMode) {
  const auto schema =
      map({{"openinference.span.kind", text("LLM")},
           {"llm.invocation_parameters",
            text(R"({"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}}})")}});
  EXPECT_EQ(schema.found.texts.schema, R"({"type":"object"})");
  EXPECT_TRUE(schema.found.texts.is_json_expected);
  const auto mode = map({{"gen_ai.operation.name", text("chat")}, {"gen_ai.output.type", text("json")}});
  EXPECT_TRUE(mode.found.texts.is_json_expected);
  EXPECT_TRUE(mode.found.texts.schema.empty());
  const auto plain = map({{"gen_ai.operation.name", text("chat")}, {"gen_ai.output.type", text("text")}});
  EXPECT_FALSE(plain.found.texts.is_json_expected);
}

TEST(CallTexts, DocumentsOfARetrievalWithTheirBestScore) {
  const auto numbered = map({{"gen_ai.operation.name", text("retrieval")},
                             {"retrieval.documents.1.document.content", text("b")},
                             {"retrieval.documents.0.document.score", real(0.5)},
                             {"retrieval.documents.1.document.score", real(0.75)},
                             {"retrieval.documents.0.document.content", text("a")}});
  EXPECT_EQ(numbered.facts.documents(), 2U);
  EXPECT_DOUBLE_EQ(numbered.facts.retrieval_score(), 0.75);
  EXPECT_EQ(numbered.found.texts.documents, (std::vector<std::string>{"a", "b"}));
  const auto json = map({{"gen_ai.operation.name", text("retrieval")},
                         {"gen_ai.retrieval.documents", text(R"([{"id":"1","score":0.9},{"id":"2","score":0.95}])")}});
  EXPECT_EQ(json.facts.documents(), 2U);
  EXPECT_DOUBLE_EQ(json.facts.retrieval_score(), 0.95);
  const auto none = map({{"gen_ai.operation.name", text("retrieval")}, {"gen_ai.retrieval.documents", text("[]")}});
  EXPECT_TRUE(none.facts.has_documents());
  EXPECT_EQ(none.facts.documents(), 0U);
  const auto langfuse = map({{"langfuse.observation.type", text("retriever")},
                             {"langfuse.observation.output", text(R"([{"page_content":"p","metadata":{}}])")}});
  EXPECT_EQ(langfuse.found.texts.documents, (std::vector<std::string>{"p"}));
}

TEST(CallTexts, WhatAToolTakesAndReturnsIsNoConversation) {
  const auto mapped = map({{"openinference.span.kind", text("TOOL")},
                           {"input.value", text("I cannot help")},
                           {"output.value", text("I cannot help")}});
  EXPECT_FALSE(mapped.found.has_content);
}

}  // namespace
}  // namespace tidewatch
