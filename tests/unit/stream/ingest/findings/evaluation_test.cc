#include "stream/ingest/evaluation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/stream/ingest/findings/parsed.h"
#include "tidewatch/v1/evaluation.pb.h"

namespace tidewatch {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string event(std::string_view more) { return fmt::format(R"({{"trace_id":"{}",{}}})", kTraceHex, more); }

TEST(Evaluation, OwnEventInJsonAndProtobufIsTheSame) {
  v1::EvaluationEvent sent;
  sent.set_id("e1");
  sent.mutable_time()->set_seconds(1'767'225'000);
  sent.set_trace_id(std::string(kTraceHex));
  sent.set_span_id(std::string(kSpanHex));
  sent.set_name("relevance");
  sent.set_score(4);
  sent.set_score_min(1);
  sent.set_score_max(5);
  sent.set_label("relevant");
  sent.set_passed(true);
  sent.set_explanation("Jane asked for");
  sent.set_evaluator("gpt-4o");
  sent.set_inclusion_probability(0.02);
  (*sent.mutable_labels())["service"] = "shop";
  const auto from_protobuf = one_evaluation(evaluations_of(sent.SerializeAsString()));
  const auto from_json = one_evaluation(evaluations_of(event(fmt::format(
      R"("id":"e1","time":"2025-12-31T23:50:00Z","span_id":"{}","name":"relevance","score":4,"score_min":1,)"
      R"("score_max":5,"label":"relevant","passed":true,"explanation":"Jane asked for","evaluator":"gpt-4o",)"
      R"("inclusion_probability":0.02,"labels":{{"service":"shop"}})",
      kSpanHex))));
  EXPECT_EQ(from_protobuf.facts.SerializeAsString(), from_json.facts.SerializeAsString());
  EXPECT_EQ(from_json.target.key(), kTraceHex);
  EXPECT_EQ(from_json.facts.time_unix_nano(), 1'767'225'000'000'000'000);
  EXPECT_EQ(score(from_json), 0.75);
  EXPECT_EQ(passed(from_json), true);
  EXPECT_EQ(from_json.facts.evaluator(), "gpt-4o");
  EXPECT_EQ(from_json.facts.inclusion_probability(), 0.02);
  EXPECT_THAT(from_json.facts.SerializeAsString(), Not(HasSubstr("Jane")));
}

TEST(Evaluation, AScoreWithoutRangeIsKeptAsItIs) {
  EXPECT_EQ(score(one_evaluation(evaluations_of(event(R"("name":"rating","score":7.5)")))), 7.5);
  EXPECT_EQ(score(one_evaluation(evaluations_of(event(R"("name":"n","score":-3)"), {{"n", {-5, 5}}}))), 0.2);
}

TEST(Evaluation, PassedIsStatedOrFollowsFromLabelOrYes) {
  const auto of = [](std::string_view more) { return passed(one_evaluation(evaluations_of(event(more)))); };
  EXPECT_EQ(of(R"("name":"n","label":"fail","passed":true)"), true);
  EXPECT_EQ(of(R"("name":"n","label":"fail")"), false);
  EXPECT_EQ(of(R"("name":"n","label":"yes")"), true);
  EXPECT_EQ(of(R"("name":"hallucination","label":"yes")"), false);
  EXPECT_EQ(of(R"("name":"n","label":"category_7")"), std::nullopt);
  EXPECT_EQ(of(R"("name":"n","score":0)"), std::nullopt);
}

TEST(Evaluation, ForeignShapesCountAsEvaluationsHereWhoeverMadeThem) {
  const auto seen = one_evaluation(evaluations_of(
      fmt::format(R"({{"traceId":"{}","name":"expert review","value":1,"dataType":"BOOLEAN"}})", kTraceHex)));
  EXPECT_EQ(passed(seen), true);
  EXPECT_EQ(seen.facts.evaluator(), "api");
}

TEST(Evaluation, WhatCannotBeUsedIsRefusedWithAReason) {
  const auto code = [](std::string_view more) { return refusal_of(evaluations_of(event(more))); };
  EXPECT_EQ(code(R"("score":1)"), "no_name");
  EXPECT_EQ(code(R"("name":"n")"), "no_finding");
  EXPECT_EQ(code(R"("name":"n","explanation":"x")"), "no_finding");
  EXPECT_EQ(code(R"("name":"n","score":"Infinity")"), "bad_score");
  EXPECT_EQ(code(R"("name":"n","score":9,"score_min":0,"score_max":1)"), "score_out_of_range");
  EXPECT_EQ(code(R"("name":"n","score":1,"inclusion_probability":0)"), "bad_probability");
  EXPECT_EQ(code(R"("name":"n","score":1,"inclusion_probability":"NaN")"), "bad_probability");
  EXPECT_EQ(refusal_of(evaluations_of(R"({"name":"n","score":1})")), "no_target");
  EXPECT_EQ(parse_evaluations("", kAppended).error().code, "empty");
}

}  // namespace
}  // namespace tidewatch
