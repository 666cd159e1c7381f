#include <gtest/gtest.h>

#include "tests/unit/stream/ingest/mapping/otlp_builder.h"

namespace tidewatch {
namespace {

OtlpLog log_of(std::string_view name, OtlpValue body, OtlpAttributes attributes = {}) {
  OtlpLog out;
  out.trace_id = std::string(16, 't');
  out.span_id = std::string(8, 's');
  out.time = kStart;
  out.event_name = name;
  out.body = std::move(body);
  out.attributes = std::move(attributes);
  return out;
}

class Logs : public ::testing::Test {
 protected:
  bool add(const OtlpLog& log) {
    return mapper_.map({{"service.name", text("shop")}}, {"opentelemetry.instrumentation.openai_v2", ""}, log, facts_,
                       found_);
  }
  SpanMapper mapper_{DialectTable::embedded().value()};
  v1::SpanFacts facts_;
  SpanMapper::Found found_;
};

TEST_F(Logs, MessagesOfOneCallAreReadTogether) {
  EXPECT_TRUE(add(log_of("gen_ai.system.message", object({{"content", text("be nice")}}))));
  EXPECT_TRUE(add(log_of("gen_ai.user.message", object({{"content", text("old question")}}))));
  EXPECT_TRUE(add(log_of("gen_ai.user.message", object({{"content", text("question")}}))));
  const auto message = object({{"role", text("assistant")}, {"content", text("answer")}});
  EXPECT_TRUE(add(log_of("gen_ai.choice",
                         object({{"index", number(0)}, {"finish_reason", text("length")}, {"message", message}}))));
  EXPECT_EQ(found_.texts.question, "question");
  EXPECT_EQ(found_.texts.answer, "answer");
  EXPECT_TRUE(found_.texts.was_cut_off);
  EXPECT_TRUE(facts_.from_log());
  EXPECT_EQ(facts_.span_id(), std::string(8, 's'));
  EXPECT_EQ(facts_.finish_reasons(0), "length");
  EXPECT_EQ(facts_.operation(), v1::OPERATION_UNKNOWN);
  EXPECT_EQ(facts_.dialect(), "otel-genai");
}

TEST_F(Logs, EventNamesMayStandInAnAttributeAndBodiesMayBeJson) {
  EXPECT_TRUE(add(log_of("", text(R"({"content":"hi"})"), {{"event.name", text("gen_ai.user.message")}})));
  EXPECT_EQ(found_.texts.question, "hi");
}

TEST_F(Logs, AChoiceWithoutContentStillHasAFinishReason) {
  EXPECT_TRUE(add(log_of("gen_ai.choice", object({{"index", number(0)},
                                                  {"finish_reason", text("stop")},
                                                  {"message", object({{"role", text("assistant")}})}}))));
  EXPECT_FALSE(found_.has_content);
  EXPECT_EQ(facts_.finish_reasons(0), "stop");
}

TEST_F(Logs, AToolCallingChoiceNeedsNoText) {
  const auto call = object({{"id", text("1")}, {"type", text("function")}});
  EXPECT_TRUE(add(log_of("gen_ai.choice", object({{"finish_reason", text("tool_calls")},
                                                  {"message", object({{"tool_calls", list({call})}})}}))));
  EXPECT_TRUE(found_.texts.has_tool_calls);
  EXPECT_TRUE(found_.has_content);
  EXPECT_FALSE(found_.texts.answer.has_value());
}

TEST_F(Logs, OperationDetailsSayWhatASpanWouldSay) {
  EXPECT_TRUE(add(
      log_of("gen_ai.client.inference.operation.details", {},
             {{"gen_ai.operation.name", text("chat")},
              {"gen_ai.request.model", text("gpt-4o")},
              {"gen_ai.usage.input_tokens", number(7)},
              {"gen_ai.input.messages", text(R"([{"role":"user","parts":[{"type":"text","content":"q"}]}])")},
              {"gen_ai.output.messages",
               text(R"([{"role":"assistant","parts":[{"type":"text","content":"a"}],"finish_reason":"stop"}])")}})));
  EXPECT_EQ(facts_.operation(), v1::OPERATION_LLM);
  EXPECT_EQ(facts_.request_model(), "gpt-4o");
  EXPECT_EQ(facts_.input_tokens(), 7U);
  EXPECT_EQ(found_.texts.question, "q");
  EXPECT_EQ(found_.texts.answer, "a");
}

TEST_F(Logs, EvaluationResultsAreEvaluationsAndNoSpan) {
  EXPECT_TRUE(add(log_of("gen_ai.evaluation.result", {},
                         {{"gen_ai.evaluation.name", text("Faithfulness")},
                          {"gen_ai.evaluation.score.value", real(0.5)},
                          {"gen_ai.evaluation.score.label", text("pass")}})));
  ASSERT_EQ(found_.evaluations.size(), 1U);
  EXPECT_EQ(found_.evaluations[0].name(), "Faithfulness");
  EXPECT_TRUE(found_.evaluations[0].passed());
  EXPECT_FALSE(facts_.from_log());
  EXPECT_TRUE(facts_.span_id().empty());
}

TEST_F(Logs, WhatIsNoGenAiEventIsPassedOver) {
  EXPECT_FALSE(add(log_of("app.started", text("hello"))));
  EXPECT_FALSE(add(log_of("", text("INFO request done"))));
  EXPECT_FALSE(add(log_of("gen_ai.evaluation.result", {}, {{"gen_ai.evaluation.name", text("no result")}})));
  EXPECT_TRUE(facts_.span_id().empty());
}

}  // namespace
}  // namespace tidewatch
