#include <fmt/format.h>
#include <gmock/gmock.h>

#include "stream/ingest/feedback.h"
#include "tests/unit/stream/ingest/findings/parsed.h"

namespace tidewatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// `template` with T, U and S replaced by trace id, its UUID and span id.
std::string with_ids(std::string text) {
  for (const auto& [mark, id] : {std::pair("<T>", kTraceHex), std::pair("<U>", kTraceUuid), std::pair("<S>", kSpanHex)})
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) text.replace(at, 3, id);
  return text;
}

TEST(Langfuse, ScoreOfTheApi) {
  const auto seen = one_feedback(with_ids(
      R"({"id":"s-1","traceId":"<T>","observationId":"<S>","name":"user-feedback","value":1,"dataType":"NUMERIC",)"
      R"("comment":"thanks, Jane","environment":"production","metadata":{"a":1}})"));
  EXPECT_EQ(seen.target.key(), kTraceHex);
  EXPECT_THAT(seen.facts.span_id(), SizeIs(8));
  EXPECT_EQ(seen.facts.id(), "s-1");
  EXPECT_EQ(seen.facts.name(), "user-feedback");
  EXPECT_EQ(positive(seen), true);
  EXPECT_EQ(score(seen), 1.0);
  EXPECT_EQ(seen.facts.source(), "api");
  EXPECT_TRUE(seen.facts.has_comment());
  EXPECT_THAT(seen.facts.SerializeAsString(), Not(HasSubstr("Jane")));
}

TEST(Langfuse, IngestionBatchKeepsScoresAndLeavesTracesAlone) {
  const auto seen = feedback_of(with_ids(
      R"({"batch":[{"id":"e1","type":"trace-create","timestamp":"2026-01-01T00:00:00.000Z","body":{"id":"<T>"}},)"
      R"({"id":"e2","type":"score-create","timestamp":"2026-01-01T00:00:01.500Z",)"
      R"("body":{"traceId":"<T>","name":"thumb","value":0,"dataType":"BOOLEAN"}},)"
      R"({"id":"e3","type":"score-create","timestamp":"2026-01-01T00:00:02.000Z",)"
      R"("body":{"traceId":"cdef-1234-5678-90ab","name":"thumb","value":1}}],"metadata":{"sdk_name":"python"}})"));
  ASSERT_THAT(seen.feedback, SizeIs(1));
  EXPECT_EQ(seen.feedback[0].facts.id(), "e2");
  EXPECT_EQ(positive(seen.feedback[0]), false);
  EXPECT_EQ(score(seen.feedback[0]), std::nullopt);
  EXPECT_EQ(seen.feedback[0].facts.time_unix_nano(), 1'767'225'601'500'000'000);
  EXPECT_EQ(seen.ignored, 1U);
  ASSERT_THAT(seen.bad, SizeIs(1));
  EXPECT_EQ(seen.bad[0].error.code, "bad_trace_id");
}

TEST(Langfuse, CategoriesAreLabelsAndTextsAreComments) {
  const auto category = one_feedback(
      with_ids(R"({"traceId":"<T>","name":"reason","value":2,"stringValue":"wrong tone","dataType":"CATEGORICAL"})"));
  EXPECT_EQ(category.facts.label(), "wrong tone");
  EXPECT_EQ(score(category), std::nullopt) << "the number of a category is no score";
  EXPECT_EQ(one_feedback(with_ids(R"({"traceId":"<T>","name":"correctness","value":"incorrect"})")).facts.positive(),
            false);
  const auto text = one_feedback(with_ids(R"({"traceId":"<T>","name":"feedback","value":"Jane","dataType":"TEXT"})"));
  EXPECT_TRUE(text.facts.has_comment());
  EXPECT_EQ(text.facts.label(), "");
}

TEST(Langfuse, ScoresOfSessionsExperimentsAndEvaluators) {
  EXPECT_EQ(one_feedback(R"({"sessionId":"chat-7","name":"csat","value":5,"source":"ANNOTATION"})").target.key(),
            "session:chat-7");
  EXPECT_EQ(feedback_of(R"({"datasetRunId":"r","name":"accuracy","value":0.5})").ignored, 1U);
  const auto evaluator = one_evaluation(feedback_of(
      with_ids(R"({"traceId":"<T>","name":"helpfulness","value":0.9,"dataType":"NUMERIC","source":"EVAL"})")));
  EXPECT_EQ(score(evaluator), 0.9);
  EXPECT_EQ(evaluator.facts.evaluator(), "model");
}

TEST(Langfuse, IdsOfObservationsThatAreNotOpenTelemetrysOnlyMatterAlone) {
  EXPECT_EQ(one_feedback(with_ids(R"({"traceId":"<T>","observationId":"obs-1","name":"x","value":1})")).facts.span_id(),
            "");
  EXPECT_EQ(refusal_of(R"({"observationId":"obs-1","name":"x","value":1})"), "bad_span_id");
}

TEST(Phoenix, SpanAnnotations) {
  const auto seen = feedback_of(with_ids(
      R"({"data":[{"span_id":"<S>","name":"user feedback","annotator_kind":"HUMAN",)"
      R"("result":{"label":"thumbs-up","score":1,"explanation":"Jane likes it"},"metadata":{"user":"Jane"}},)"
      R"({"span_id":"bad","name":"user feedback","annotator_kind":"HUMAN","result":{"score":1}},)"
      R"({"span_id":"<S>","name":"correctness","annotator_kind":"LLM","identifier":"judge-1",)"
      R"("result":{"label":"incorrect","score":0.2},"metadata":{"model":"gpt-4"}},)"
      R"({"span_id":"<S>","document_position":0,"name":"relevance","annotator_kind":"LLM","result":{"score":1}}]})"));
  ASSERT_THAT(seen.feedback, SizeIs(1));
  EXPECT_EQ(seen.feedback[0].target.key(), "span:eee19b7ec3c1b174");
  EXPECT_EQ(positive(seen.feedback[0]), true);
  EXPECT_EQ(seen.feedback[0].facts.source(), "user");
  EXPECT_TRUE(seen.feedback[0].facts.has_comment());
  EXPECT_THAT(seen.feedback[0].facts.SerializeAsString(), Not(HasSubstr("Jane")));
  ASSERT_THAT(seen.evaluations, SizeIs(1));
  EXPECT_EQ(seen.evaluations[0].facts.evaluator(), "gpt-4");
  EXPECT_EQ(score(seen.evaluations[0]), 0.2);
  EXPECT_EQ(passed(seen.evaluations[0]), false);
  ASSERT_THAT(seen.bad, SizeIs(1));
  EXPECT_EQ(seen.bad[0].error.code, "bad_span_id");
  EXPECT_EQ(seen.ignored, 1U);
}

TEST(Phoenix, TraceAndSessionAnnotations) {
  EXPECT_EQ(
      one_feedback(with_ids(R"({"data":[{"trace_id":"<T>","name":"ok","result":{"label":"good"}}]})")).target.key(),
      kTraceHex);
  EXPECT_EQ(one_feedback(R"({"data":[{"session_id":"u1","name":"ok","result":{"score":0.7}}]})").target.key(),
            "session:u1");
}

TEST(Phoenix, AnAnnotationWrittenAgainHasTheSameId) {
  const auto id = [](std::string_view score, std::string_view identifier) {
    return one_feedback(
               with_ids(fmt::format(
                   R"({{"span_id":"<S>","name":"n","annotator_kind":"HUMAN","identifier":"{}","result":{{"score":{}}}}})",
                   identifier, score)))
        .facts.id();
  };
  EXPECT_EQ(id("0", "user-1"), id("1", "user-1"));
  EXPECT_NE(id("0", "user-1"), id("0", "user-2"));
}

TEST(LangSmith, FeedbackOnARun) {
  const auto seen = one_feedback(with_ids(
      R"({"id":"11111111-2222-3333-4444-555555555555","run_id":"eee19b7e-c3c1-b174-0000-000000000001",)"
      R"("trace_id":"<U>","key":"user_score","score":1.0,"value":null,"correction":null,"comment":"hi Jane",)"
      R"("feedback_source":{"type":"api","metadata":{"user":"Jane"}},"session_id":"99999999-2222-3333-4444-555555555555",)"
      R"("created_at":"2026-01-01T00:00:00.000123","modified_at":"2026-01-01T00:00:00.000123"})"));
  EXPECT_EQ(seen.target.key(), kTraceHex);
  EXPECT_EQ(seen.facts.span_id(), *parse_span_id(kSpanHex)) << "the first half of the run's UUID, as its exporter does";
  EXPECT_EQ(seen.facts.session(), "") << "session_id is a project";
  EXPECT_EQ(seen.facts.op(), v1::FEEDBACK_OP_CREATE);
  EXPECT_EQ(seen.facts.name(), "user_score");
  EXPECT_EQ(positive(seen), true);
  EXPECT_EQ(seen.facts.time_unix_nano(), 1'767'225'600'000'123'000) << "without a zone: UTC";
  EXPECT_THAT(seen.facts.SerializeAsString(), Not(HasSubstr("Jane")));
}

TEST(LangSmith, WithoutATraceTheRunIsTheRoot) {
  EXPECT_EQ(one_feedback(with_ids(R"({"run_id":"<U>","key":"k","score":false})")).target.key(), kTraceHex);
  EXPECT_EQ(positive(one_feedback(with_ids(R"({"run_id":"<U>","key":"k","score":false})"))), false);
  EXPECT_EQ(refusal_of(R"({"key":"k","score":1})"), "no_target");
}

TEST(LangSmith, ConfigGivesRangeAndCategories) {
  const auto continuous = one_feedback(
      with_ids(R"({"run_id":"<U>","key":"k","score":7,"feedback_config":{"type":"continuous","min":0,"max":10}})"));
  EXPECT_EQ(score(continuous), 0.7);
  const auto categorical =
      one_feedback(with_ids(R"({"run_id":"<U>","key":"k","score":2,"feedback_config":{"type":"categorical",)"
                            R"("categories":[{"value":0,"label":"bad"},{"value":2,"label":"good"},{"value":"x"}]}})"));
  EXPECT_EQ(categorical.facts.label(), "good");
  EXPECT_EQ(score(categorical), 1.0);
  EXPECT_EQ(positive(categorical), true);
}

TEST(LangSmith, UpdatesLabelsModelsAndFailures) {
  const auto updated = one_feedback(
      with_ids(R"({"id":"f","run_id":"<U>","key":"k","value":"thumbs_down","created_at":"2026-01-01T00:00:00+00:00",)"
               R"("modified_at":"2026-01-01T01:00:00+00:00","feedback_source":{"type":"app"}})"));
  EXPECT_EQ(updated.facts.op(), v1::FEEDBACK_OP_UPDATE);
  EXPECT_EQ(positive(updated), false);
  EXPECT_EQ(updated.facts.source(), "annotator");
  const auto model = one_evaluation(
      feedback_of(with_ids(R"({"run_id":"<U>","key":"faithful","score":0.4,"feedback_source":{"type":"auto_eval"}})")));
  EXPECT_EQ(score(model), 0.4);
  EXPECT_EQ(feedback_of(with_ids(R"({"run_id":"<U>","key":"k","error":true})")).ignored, 1U);
  EXPECT_EQ(refusal_of(with_ids(R"({"run_id":"<U>","key":"k","value":{"a":1}})")), "no_finding");
}

TEST(MlFlow, FeedbackOfAUser) {
  const auto seen = one_feedback(with_ids(
      R"({"assessment":{"assessment_id":"a-1","assessment_name":"user_feedback","trace_id":"tr-<T>","span_id":"<S>",)"
      R"("source":{"source_type":"HUMAN","source_id":"jane@example.com"},"create_time":"2026-01-01T00:00:00Z",)"
      R"("feedback":{"value":false},"rationale":"wrong, says Jane","metadata":{"k":"v"}}})"));
  EXPECT_EQ(seen.target.key(), kTraceHex);
  EXPECT_THAT(seen.facts.span_id(), SizeIs(8));
  EXPECT_EQ(seen.facts.id(), "a-1");
  EXPECT_EQ(positive(seen), false);
  EXPECT_EQ(seen.facts.source(), "user");
  EXPECT_TRUE(seen.facts.has_comment());
  EXPECT_THAT(seen.facts.SerializeAsString(), Not(HasSubstr("ane")));
}

TEST(MlFlow, JudgesAreEvaluationsAndNameThemselves) {
  const auto judge = one_evaluation(feedback_of(
      with_ids(R"({"assessment_name":"safety","trace_id":"trace:/main.traces/<T>","source":{"source_type":"LLM_JUDGE",)"
               R"("source_id":"gpt-4o"},"feedback":{"value":"no"},"create_time_ms":1767225600500})")));
  EXPECT_EQ(judge.target.key(), kTraceHex);
  EXPECT_EQ(judge.facts.evaluator(), "gpt-4o");
  EXPECT_EQ(judge.facts.label(), "no");
  EXPECT_EQ(passed(judge), false);
  EXPECT_EQ(judge.facts.time_unix_nano(), 1'767'225'600'500'000'000);
}

TEST(MlFlow, ExpectationsFailuresAndReplacedOnesAreNoFeedback) {
  for (const auto* more :
       {R"("expectation":{"value":"Paris"})", R"("feedback":{"value":null,"error":{"error_code":"X"}})",
        R"("feedback":{"value":true},"valid":false)"}) {
    const auto seen = feedback_of(with_ids(fmt::format(R"({{"assessment_name":"n","trace_id":"tr-<T>",{}}})", more)));
    EXPECT_EQ(seen.ignored, 1U) << more;
    EXPECT_THAT(seen.feedback, IsEmpty());
    EXPECT_THAT(seen.bad, IsEmpty());
  }
  const auto overriding = one_feedback(
      with_ids(
          R"({"assessment_id":"a-2","assessment_name":"n","trace_id":"tr-<T>","feedback":{"value":4},"overrides":"a-1"})"),
      {{"n", {1, 5}}});
  EXPECT_EQ(overriding.facts.id(), "a-1");
  EXPECT_EQ(overriding.facts.op(), v1::FEEDBACK_OP_UPDATE);
  EXPECT_EQ(score(overriding), 0.75);
}

TEST(Foreign, ShapesMayBeMixedInOneMessage) {
  const auto seen = feedback_of(with_ids(
      R"([{"trace_id":"<T>","thumb":"up"},{"traceId":"<T>","name":"a","value":1},{"run_id":"<U>","key":"b","score":1},)"
      R"({"span_id":"<S>","name":"c","annotator_kind":"HUMAN","result":{"score":1}},)"
      R"({"assessment":{"assessment_name":"d","trace_id":"tr-<T>","feedback":{"value":true}}}])"));
  EXPECT_THAT(seen.feedback, SizeIs(5));
  EXPECT_THAT(seen.bad, IsEmpty());
  for (const auto& one : seen.feedback) EXPECT_EQ(positive(one), true) << one.facts.name();
}

}  // namespace
}  // namespace tidewatch
