#include "stream/ingest/feedback.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/stream/ingest/findings/parsed.h"
#include "tidewatch/v1/feedback.pb.h"

namespace tidewatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// An own event on a trace, with `more` members.
std::string event(std::string_view more) { return fmt::format(R"({{"trace_id":"{}",{}}})", kTraceHex, more); }

TEST(Feedback, OwnEventInJsonAndProtobufIsTheSame) {
  v1::FeedbackEvent sent;
  sent.set_id("f1");
  sent.set_op("update");
  sent.mutable_time()->set_seconds(1'767'225'000);
  sent.set_trace_id(std::string(kTraceHex));
  sent.set_span_id(std::string(kSpanHex));
  sent.set_session("s1");
  sent.set_name("helpfulness");
  sent.set_score(4);
  sent.set_score_min(1);
  sent.set_score_max(5);
  sent.set_label("wrong_answer");
  sent.set_comment("my phone number is 555 1234");
  sent.set_source("annotator");
  (*sent.mutable_labels())["service"] = "shop";
  (*sent.mutable_labels())["endpoint"] = "/chat";
  const auto from_protobuf = one_feedback(sent.SerializeAsString());
  const auto from_json = one_feedback(fmt::format(
      R"({{"id":"f1","op":"update","time":"2025-12-31T23:50:00Z","trace_id":"{}","span_id":"{}","session":"s1",)"
      R"("name":"helpfulness","score":4,"score_min":1,"score_max":5,"label":"wrong_answer",)"
      R"("comment":"my phone number is 555 1234","source":"annotator","labels":{{"service":"shop","endpoint":"/chat"}},)"
      R"("added_later":[1]}})",
      kTraceHex, kSpanHex));
  EXPECT_EQ(from_protobuf.facts.SerializeAsString(), from_json.facts.SerializeAsString());
  EXPECT_EQ(from_json.target.key(), kTraceHex);
  EXPECT_THAT(from_json.target.id, SizeIs(16));
  EXPECT_EQ(from_json.facts.id(), "f1");
  EXPECT_EQ(from_json.facts.op(), v1::FEEDBACK_OP_UPDATE);
  EXPECT_EQ(from_json.facts.time_unix_nano(), 1'767'225'000'000'000'000);
  EXPECT_THAT(from_json.facts.span_id(), SizeIs(8));
  EXPECT_EQ(from_json.facts.session(), "s1");
  EXPECT_EQ(score(from_json), 0.75);
  EXPECT_EQ(positive(from_json), true);
  EXPECT_EQ(from_json.facts.label(), "wrong_answer");
  EXPECT_EQ(from_json.facts.source(), "annotator");
  ASSERT_EQ(from_json.facts.labels_size(), 2);
  EXPECT_EQ(from_json.facts.labels(0).name(), "endpoint");
}

TEST(Feedback, TextOfPeopleIsNeverKept) {
  const auto seen = one_feedback(event(R"("thumb":"down","comment":"call me on 555 1234")"));
  EXPECT_TRUE(seen.facts.has_comment());
  EXPECT_THAT(seen.facts.SerializeAsString(), Not(HasSubstr("555")));
  const auto long_label = one_feedback(
      event(R"("label":"I would rather you called me on 555 1234 because this did not help me in the least at all")"));
  EXPECT_TRUE(long_label.facts.has_comment());
  EXPECT_THAT(long_label.facts.SerializeAsString(), Not(HasSubstr("555")));
}

TEST(Feedback, DefaultsAreFilledIn) {
  const auto seen = one_feedback(event(R"("thumb":"up")"));
  EXPECT_EQ(seen.facts.name(), "feedback");
  EXPECT_EQ(seen.facts.source(), "user");
  EXPECT_EQ(seen.facts.op(), v1::FEEDBACK_OP_CREATE);
  EXPECT_EQ(seen.facts.time_unix_nano(), kAppended.time_since_epoch().count());
  EXPECT_FALSE(seen.facts.has_comment());
}

TEST(Feedback, WithoutIdTheSameContentHasTheSameIdWheneverItIsAppended) {
  const auto sent = event(R"("thumb":"up")");
  const auto first = parse_feedback(sent, kAppended);
  const auto again = parse_feedback(sent, kAppended + std::chrono::hours(1));
  const auto other = parse_feedback(event(R"("thumb":"down")"), kAppended);
  ASSERT_TRUE(first && again && other);
  EXPECT_THAT(first->feedback.at(0).facts.id(), SizeIs(32));
  EXPECT_EQ(first->feedback.at(0).facts.id(), again->feedback.at(0).facts.id());
  EXPECT_NE(first->feedback.at(0).facts.id(), other->feedback.at(0).facts.id());
}

TEST(Feedback, IsKeyedByTraceElseSpanElseSession) {
  EXPECT_EQ(one_feedback(event(R"("thumb":"up","session":"s")")).target.key(), kTraceHex);
  EXPECT_EQ(one_feedback(fmt::format(R"({{"trace_id":"{}","thumb":"up"}})", kTraceUuid)).target.key(), kTraceHex);
  EXPECT_EQ(one_feedback(R"({"trace_id":"5B8EFFF798038103D269B633813FC60C","thumb":"up"})").target.key(), kTraceHex);
  EXPECT_EQ(one_feedback(R"({"session":"s 1","thumb":"up"})").target.key(), "session:s 1");
  const auto labelled = one_feedback(
      fmt::format(R"({{"session":"s 1","span_id":"{}","thumb":"up","labels":{{"service":"shop"}}}})", kSpanHex));
  EXPECT_EQ(labelled.target.key(), "session:s 1") << "what says itself where it counts is not sought everywhere";
  EXPECT_THAT(labelled.facts.span_id(), SizeIs(8));
  const auto span = one_feedback(fmt::format(R"({{"session":"s 1","span_id":"{}","thumb":"up"}})", kSpanHex));
  EXPECT_EQ(span.target.kind, EventTarget::Kind::span);
  EXPECT_EQ(span.target.key(), "span:eee19b7ec3c1b174");
}

TEST(Feedback, ScoresAreMappedByStatedElseConfiguredElseUsualRange) {
  const ScoreRanges ranges{{"quality", {1, 7}}, {"rating", {1, 3}}};
  EXPECT_EQ(score(one_feedback(event(R"("name":"quality","score":4)"), ranges)), 0.5);
  EXPECT_EQ(score(one_feedback(event(R"("name":"rating","score":3)"), ranges)), 1.0)
      << "config before the usual 1 to 5";
  EXPECT_EQ(score(one_feedback(event(R"("name":"rating","score":3,"score_min":0,"score_max":6)"), ranges)), 0.5);
  EXPECT_EQ(score(one_feedback(event(R"("name":"rating","score":4)"))), 0.75);
  EXPECT_EQ(score(one_feedback(event(R"("name":"Star-Rating","score":1)"))), 0.0);
  EXPECT_EQ(score(one_feedback(event(R"("name":"rating","score":0.8)"))), 0.8) << "given on [0, 1] after all";
  EXPECT_EQ(score(one_feedback(event(R"("name":"nps","score":10)"))), 1.0);
  EXPECT_EQ(score(one_feedback(event(R"("score":0.25)"))), 0.25);
}

TEST(Feedback, AScoreOfAnUnknownScaleIsRefusedWithTheKeyToSet) {
  for (const auto* scores : {R"("name":"helpfulness","score":4)", R"("name":"helpfulness","score":-1.5)"}) {
    const auto refused = feedback_of(event(scores));
    ASSERT_THAT(refused.bad, SizeIs(1)) << scores;
    EXPECT_EQ(refused.bad.at(0).error.code, "unknown_scale");
    EXPECT_THAT(refused.bad.at(0).error.message,
                HasSubstr("set scales in the config, as in scales: {helpfulness: [1, 5]}"));
    EXPECT_THAT(refused.feedback, IsEmpty());
  }
  EXPECT_EQ(score(one_feedback(event(R"("name":"helpfulness","score":4)"), {{"helpfulness", {1, 7}}})), 0.5);
  EXPECT_EQ(score(one_feedback(event(R"("score":4)"), {{"feedback", {1, 7}}})), 0.5) << "what has no name";
  EXPECT_EQ(positive(one_feedback(event(R"("name":"helpfulness","score":-1)"))), false) << "a thumb down";
}

TEST(Feedback, PositiveIsWhatTheFirstOfThumbLabelYesAndScoreSays) {
  EXPECT_EQ(positive(one_feedback(event(R"("thumb":"up","label":"bad","score":0)"))), true);
  EXPECT_EQ(positive(one_feedback(event(R"("label":"Not Helpful","score":1)"))), false);
  EXPECT_EQ(positive(one_feedback(event(R"("label":"yes")"))), true);
  EXPECT_EQ(positive(one_feedback(event(R"("label":"\ud83d\udc4e")"))), false);
  EXPECT_EQ(positive(one_feedback(event(R"("score":0.51)"))), true);
  EXPECT_EQ(positive(one_feedback(event(R"("score":0.49)"))), false);
  EXPECT_EQ(positive(one_feedback(event(R"("score":0.5)"))), std::nullopt) << "neither";
  EXPECT_EQ(positive(one_feedback(event(R"("label":"topic_billing")"))), std::nullopt) << "a category";
  const auto minus_one = one_feedback(event(R"("score":-1)"));
  EXPECT_EQ(positive(minus_one), false);
  EXPECT_EQ(score(minus_one), std::nullopt);
}

TEST(Feedback, NamesOfFaultsTurnYesAndHighScoresRound) {
  EXPECT_EQ(positive(one_feedback(event(R"("name":"hallucination","score":1)"))), false);
  EXPECT_EQ(positive(one_feedback(event(R"("name":"toxicity","label":"no")"))), true);
  EXPECT_EQ(positive(one_feedback(event(R"("name":"toxicity","thumb":"up")"))), true) << "a thumb is about the answer";
}

TEST(Feedback, WithdrawalNeedsNoFindingButIdAndTarget) {
  const auto seen = one_feedback(event(R"("id":"f1","op":"withdraw")"));
  EXPECT_EQ(seen.facts.op(), v1::FEEDBACK_OP_WITHDRAW);
  EXPECT_EQ(refusal_of(event(R"("op":"withdraw")")), "missing_id");
  EXPECT_EQ(refusal_of(event(R"("op":"update","thumb":"up")")), "missing_id");
  EXPECT_EQ(refusal_of(R"({"id":"f1","op":"withdraw"})"), "no_target");
}

TEST(Feedback, WhatCannotBeUsedIsRefusedWithAReason) {
  EXPECT_EQ(refusal_of(R"({"thumb":"up"})"), "no_target");
  EXPECT_EQ(refusal_of(R"({"trace_id":"cdef-1234-5678-90ab","thumb":"up"})"), "bad_trace_id");
  EXPECT_EQ(refusal_of(R"({"trace_id":"00000000000000000000000000000000","thumb":"up"})"), "bad_trace_id");
  EXPECT_EQ(refusal_of(event(R"("span_id":"zz","thumb":"up")")), "bad_span_id");
  EXPECT_EQ(refusal_of(event(R"("name":"x")")), "no_finding");
  EXPECT_EQ(refusal_of(event(R"("thumbs":"up")")), "no_finding") << "a misspelt field";
  EXPECT_EQ(refusal_of(event(R"("thumb":"sideways")")), "bad_thumb");
  EXPECT_EQ(refusal_of(event(R"("thumb":"up","op":"delete")")), "bad_op");
  EXPECT_EQ(refusal_of(event(R"("score":7,"score_min":0,"score_max":5)")), "score_out_of_range");
  EXPECT_EQ(refusal_of(event(R"("score":"NaN")")), "bad_score");
  EXPECT_EQ(refusal_of(event(R"("score":1,"score_min":1)")), "bad_range");
  EXPECT_EQ(refusal_of(event(R"("score":1,"score_min":1,"score_max":1)")), "bad_range");
  EXPECT_EQ(refusal_of(event(R"("score":1,"score_min":-1.7e308,"score_max":1.7e308)")), "bad_range");
  EXPECT_EQ(refusal_of(event(R"("thumb":1)")), "bad_event");
  EXPECT_EQ(refusal_of(event(R"("thumb":"up","time":"yesterday")")), "bad_event");
  EXPECT_EQ(refusal_of(event(R"("thumb":"up","time":"0001-01-01T00:00:00Z")")), "bad_time");
  EXPECT_EQ(refusal_of("[7]"), "not_an_event");
}

TEST(Feedback, WithoutAnyTimeItIsRefused) {
  const auto seen = parse_feedback(event(R"("thumb":"up")"), kMinTimestamp);
  ASSERT_TRUE(seen);
  EXPECT_EQ(refusal_of(*seen), "bad_time");
}

TEST(Feedback, AMessageThatIsNoEventAtAllIsAnError) {
  EXPECT_EQ(parse_feedback("", kAppended).error().code, "empty");
  EXPECT_EQ(parse_feedback("{\"trace_id\":", kAppended).error().code, "bad_json");
  EXPECT_EQ(parse_feedback("hello", kAppended).error().code, "not_an_event");
}

TEST(Feedback, OneBadItemNeverCostsItsNeighbours) {
  const auto seen =
      feedback_of(fmt::format("[{},{},{},{}]", event(R"("id":"a","thumb":"up")"),
                              event(R"("id":"b","thumb":"sideways")"), "null", event(R"("id":"c","thumb":"down")")));
  ASSERT_THAT(seen.feedback, SizeIs(2));
  EXPECT_EQ(seen.feedback[0].facts.id(), "a");
  EXPECT_EQ(seen.feedback[1].facts.id(), "c");
  ASSERT_THAT(seen.bad, SizeIs(2));
  EXPECT_EQ(seen.bad[0].error.code, "bad_thumb");
  EXPECT_THAT(seen.bad[0].part, HasSubstr(R"("id":"b")"));
  EXPECT_EQ(seen.bad[1].part, "null");
}

TEST(Feedback, AProtobufEventMayStartWithWhatLooksLikeJson) {
  v1::FeedbackEvent sent;
  sent.set_id(std::string(123, 'x'));  // tag 0x0A, length 0x7B: "\n{"
  sent.set_trace_id(std::string(kTraceHex));
  sent.set_thumb("up");
  ASSERT_EQ(sent.SerializeAsString().substr(0, 2), "\n{");
  EXPECT_EQ(one_feedback(sent.SerializeAsString()).facts.id(), sent.id());
  EXPECT_EQ(one_feedback("\n " + event(R"("thumb":"up")")).target.key(), kTraceHex);
}

}  // namespace
}  // namespace tidewatch
