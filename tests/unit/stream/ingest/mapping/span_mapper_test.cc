#include "stream/ingest/mapping/span_mapper.h"

#include <gtest/gtest.h>

#include "stream/ingest/mapping/attribute_values.h"
#include "tests/unit/stream/ingest/mapping/otlp_builder.h"

namespace tidewatch {
namespace {

using std::chrono::milliseconds;

TEST(SpanMapper, OperationIsWhatTheMostSpecificDialectNames) {
  const auto operation = [](OtlpAttributes attributes, OtlpSpanKind kind = OtlpSpanKind::internal) {
    return map(span_of(std::move(attributes), kind)).facts.operation();
  };
  EXPECT_EQ(operation({{"gen_ai.operation.name", text("generate_content")}}), v1::OPERATION_LLM);
  EXPECT_EQ(operation({{"gen_ai.operation.name", text("invoke_agent")}}), v1::OPERATION_AGENT);
  EXPECT_EQ(operation({{"openinference.span.kind", text("RETRIEVER")}}), v1::OPERATION_RETRIEVAL);
  EXPECT_EQ(operation({{"openinference.span.kind", text("AGENT")}, {"gen_ai.tool.name", text("x")}}),
            v1::OPERATION_AGENT);
  EXPECT_EQ(operation({{"gen_ai.tool.name", text("x")}}), v1::OPERATION_TOOL);
  EXPECT_EQ(operation({{"langfuse.observation.type", text("span")}}), v1::OPERATION_UNKNOWN);
  EXPECT_EQ(operation({{"db.system.name", text("qdrant")}}, OtlpSpanKind::client), v1::OPERATION_RETRIEVAL);
  EXPECT_EQ(operation({{"db.system.name", text("postgresql")}}, OtlpSpanKind::client), v1::OPERATION_EXTERNAL);
  EXPECT_EQ(operation({{"url.path", text("/x")}}, OtlpSpanKind::client), v1::OPERATION_EXTERNAL);
}

TEST(SpanMapper, AServerSpanThatMentionsAModelIsStillTheRequest) {
  const auto mapped =
      map(span_of({{"gen_ai.request.model", text("gpt-4o")}, {"http.route", text("/chat")}}, OtlpSpanKind::server));
  EXPECT_EQ(mapped.facts.operation(), v1::OPERATION_SERVER);
  EXPECT_EQ(mapped.label("endpoint"), "/chat");
}

TEST(SpanMapper, LabelsOfTheSpanComeBeforeThoseOfItsResource) {
  const OtlpAttributes resource{{"service.name", text("shop")}, {"app.variant", text("stable")}};
  const auto mapped = map(span_of({{"app.variant", text("canary")}, {"enduser.id", number(17)}}), resource);
  EXPECT_EQ(mapped.label("service"), "shop");
  EXPECT_EQ(mapped.label("variant"), "canary");
  EXPECT_EQ(mapped.label("user"), "17");
}

TEST(SpanMapper, ATextWhereALabelBelongsIsCutAtAWholeCharacter) {
  const std::string prompt(kMaxLabelValueBytes - 1, 'x');
  const std::string longer = prompt + "é and the rest of somebody's question";
  auto span =
      span_of({{"app.variant", text(longer)}, {"gen_ai.request.model", text(longer)}, {"enduser.id", text("é")}});
  span.parent_span_id.clear();
  span.name = longer;
  const auto mapped = map(span);
  EXPECT_EQ(mapped.label("variant"), prompt);
  EXPECT_EQ(mapped.facts.request_model(), prompt);
  EXPECT_EQ(mapped.label("user"), "é");
  const OtlpSpan structure = [&] {
    auto out = span_of({}, OtlpSpanKind::internal);
    out.parent_span_id.clear();
    out.name = longer;
    return out;
  }();
  EXPECT_EQ(mapped.label("endpoint"), "") << "a call names no endpoint";
  EXPECT_EQ(map(structure).label("endpoint"), prompt);
}

TEST(SpanMapper, LabelsByTheUsersKeysAndOutOfJson) {
  const LabelKeys keys{{"segment", {"acme.tier"}}, {"cost", {"acme.price"}}};
  const auto mapped = map(span_of({{"acme.tier", text("gold")},
                                   {"app.user.segment", text("old")},
                                   {"metadata", text(R"({"user_id": "u-7", "thread_id": "t-1"})")},
                                   {"acme.price", real(0.25)},
                                   {"gen_ai.usage.cost", real(9)}}),
                          {}, keys);
  EXPECT_EQ(mapped.label("segment"), "gold");
  EXPECT_EQ(mapped.label("user"), "u-7");
  EXPECT_EQ(mapped.label("session"), "t-1");
  EXPECT_DOUBLE_EQ(mapped.facts.cost_usd(), 0.25);
}

TEST(SpanMapper, EndpointOfAnEntryWithoutRoute) {
  const auto endpoint = [](OtlpSpan span) { return map(span).label("endpoint"); };
  EXPECT_EQ(endpoint(span_of({{"url.path", text("/orders/17")}}, OtlpSpanKind::server)), "/orders/{id}");
  EXPECT_EQ(endpoint(span_of({{"rpc.service", text("Shop")}, {"rpc.method", text("Ask")}}, OtlpSpanKind::server)),
            "Shop/Ask");
  auto agent = span_of({{"gen_ai.operation.name", text("invoke_agent")}, {"gen_ai.agent.name", text("planner")}},
                       OtlpSpanKind::internal);
  EXPECT_EQ(endpoint(agent), "");
  agent.parent_span_id.clear();
  EXPECT_EQ(endpoint(agent), "planner");
  auto root = span_of({}, OtlpSpanKind::internal);
  root.parent_span_id.clear();
  root.name = "run 17";
  EXPECT_EQ(endpoint(root), "run {id}");
}

TEST(SpanMapper, FailureComesFromStatusErrorTypeLevelOrHttpStatus) {
  const auto facts = [](OtlpAttributes attributes, OtlpSpanKind kind = OtlpSpanKind::client) {
    return map(span_of(std::move(attributes), kind)).facts;
  };
  EXPECT_EQ(facts({{"error.type", text("timeout")}}).error_kind(), "timeout");
  EXPECT_EQ(facts({{"langfuse.observation.level", text("ERROR")}}).error_kind(), "other");
  EXPECT_EQ(facts({{"http.response.status_code", number(429)}}).error_kind(), "rate_limit");
  EXPECT_FALSE(facts({{"http.response.status_code", number(404)}}, OtlpSpanKind::server).error());
  EXPECT_TRUE(facts({{"http.response.status_code", number(502)}}, OtlpSpanKind::server).error());
  auto failed = span_of({});
  failed.status = OtlpStatus::error;
  failed.status_message = "Error code: 429 - slow down";
  EXPECT_EQ(map(failed).facts.error_kind(), "rate_limit");
}

TEST(SpanMapper, AnExceptionThatWasHandledIsNoFailure) {
  auto span = span_of({{"gen_ai.operation.name", text("chat")}});
  span.events.push_back({"exception", kStart, {{"exception.type", text("openai.RateLimitError")}}});
  EXPECT_FALSE(map(span).facts.error());
  span.status = OtlpStatus::error;
  EXPECT_EQ(map(span).facts.error_kind(), "rate_limit");
}

TEST(SpanMapper, TimeToFirstTokenInEveryUnitAndFromEvents) {
  const auto nanos = [](OtlpAttributes attributes) {
    attributes.push_back({"gen_ai.operation.name", text("chat")});
    return map(std::move(attributes)).facts.time_to_first_token_nano();
  };
  EXPECT_EQ(nanos({{"gen_ai.response.time_to_first_chunk", real(0.25)}}), 250'000'000);
  EXPECT_EQ(nanos({{"ai.response.msToFirstChunk", real(20.5)}}), 20'500'000);
  EXPECT_EQ(nanos({{"langfuse.observation.completion_start_time", text("\"2025-10-09T08:53:20.125Z\"")}}), 125'000'000);
  EXPECT_EQ(nanos({{"langfuse.observation.completion_start_time", text("2025-10-09T10:53:20.125+02:00")}}),
            125'000'000);
  auto span = span_of({{"openinference.span.kind", text("LLM")}});
  span.events.push_back({"First Token Stream Event", kStart + milliseconds(80), {}});
  span.events.push_back({"First Token Stream Event", kStart + milliseconds(70), {}});
  const auto facts = map(span).facts;
  EXPECT_EQ(facts.time_to_first_token_nano(), 70'000'000);
  EXPECT_TRUE(facts.streaming());
}

TEST(SpanMapper, UnknownModelsAreAbsentAndOneNameForBothIsOnlyRequestedWhenTheCallFailed) {
  EXPECT_FALSE(map({{"gen_ai.request.model", text("unknown")}}).facts.has_input_tokens());
  EXPECT_EQ(map({{"gen_ai.request.model", text("unknown")}}).facts.request_model(), "");
  auto span = span_of({{"langfuse.observation.model.name", text("gpt-4o")}});
  EXPECT_EQ(map(span).facts.response_model(), "gpt-4o");
  span.status = OtlpStatus::error;
  EXPECT_EQ(map(span).facts.response_model(), "");
  EXPECT_EQ(map(span).facts.request_model(), "gpt-4o");
}

TEST(SpanMapper, EvaluationEventsOfASpanBecomeEvaluations) {
  auto span = span_of({{"gen_ai.operation.name", text("chat")}});
  span.events.push_back({"gen_ai.evaluation.result",
                         kStart,
                         {{"gen_ai.evaluation.name", text("Relevance")},
                          {"gen_ai.evaluation.score.value", real(-0.5)},
                          {"gen_ai.evaluation.score.label", text("fail")}}});
  const auto found = map(span).found;
  ASSERT_EQ(found.evaluations.size(), 1U);
  const auto& evaluation = found.evaluations[0];
  EXPECT_EQ(evaluation.name(), "Relevance");
  EXPECT_DOUBLE_EQ(evaluation.score(), -0.5);
  EXPECT_FALSE(evaluation.passed());
  EXPECT_TRUE(evaluation.has_passed());
  EXPECT_EQ(evaluation.span_id(), span.span_id);
  EXPECT_EQ(evaluation.id(), map(span).found.evaluations[0].id());
}

TEST(SpanMapper, NothingIsCarriedFromOneSpanToTheNext) {
  SpanMapper mapper(DialectTable::embedded().value());
  v1::SpanFacts first;
  auto rich = span_of({{"gen_ai.operation.name", text("chat")},
                       {"gen_ai.usage.input_tokens", number(5)},
                       {"user.id", text("u")},
                       {"metadata", text(R"({"thread_id":"t"})")},
                       {"gen_ai.input.messages", text(R"([{"role":"user","content":"hi"}])")}});
  rich.events.push_back({"exception", kStart, {{"exception.escaped", text("true")}}});
  mapper.map({{"service.name", text("shop")}}, {"ai", ""}, rich, first);
  v1::SpanFacts second;
  const auto found = mapper.map({}, {"", ""}, span_of({}, OtlpSpanKind::internal), second);
  EXPECT_TRUE(first.error());
  EXPECT_EQ(second.labels_size(), 0);
  EXPECT_FALSE(second.has_input_tokens());
  EXPECT_FALSE(second.error());
  EXPECT_EQ(second.dialect(), "");
  EXPECT_FALSE(found.has_content);
}

}  // namespace
}  // namespace tidewatch
