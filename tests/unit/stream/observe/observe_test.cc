#include "stream/observe/observe.h"

#include <gtest/gtest.h>

#include <map>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <vector>

namespace tidewatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kEnd{seconds(1'700'000'001)};
constexpr std::string_view kTrace = "5b8efff798038103d269b633813fc60c";
constexpr std::string_view kOther = "0af7651916cd43dd8448eb211c80319c";

class Outputs final : public Effects {
 public:
  void emit(Stream stream, std::string_view key, std::string_view value, std::span<const Header>) override {
    EXPECT_EQ(stream, Stream::fragments);
    keys.emplace_back(key);
    EXPECT_TRUE(fragments.emplace_back().ParseFromString(std::string(value)));
  }
  void emit_everywhere(Stream stream, std::string_view key, std::string_view value) override {
    emit(stream, key, value, {});
    everywhere.emplace_back(key);
  }
  void dead_letter(const Record&, const Error& reason, std::string_view part) override {
    dead.emplace_back(reason.code, part);
  }
  void count(std::string_view name, std::string_view label, uint64_t by) override {
    counts[std::string(name) + "/" + std::string(label)] += by;
  }

  std::vector<std::string> keys;
  std::vector<std::string> everywhere;  ///< keys of those that go to every partition
  std::vector<v1::Fragment> fragments;
  std::vector<std::pair<std::string, std::string>> dead;
  std::map<std::string, uint64_t> counts;
};

std::string span_json(std::string_view trace, std::string_view id, std::string_view attributes,
                      std::string_view start = "1700000000000000000", std::string_view end = "1700000001000000000") {
  std::string out = R"({"traceId":")";
  return out.append(trace)
      .append(R"(","spanId":")")
      .append(id)
      .append(R"(","startTimeUnixNano":")")
      .append(start)
      .append(R"(","endTimeUnixNano":")")
      .append(end)
      .append(R"(","attributes":[)")
      .append(attributes)
      .append("]}");
}
std::string attribute(std::string_view key, std::string_view value) {
  return R"({"key":")" + std::string(key) + R"(","value":{"stringValue":")" + std::string(value) + R"("}})";
}
std::string traces(const std::string& spans) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans + "]}]}]}";
}

const std::string kChat = attribute("gen_ai.operation.name", "chat") + "," + attribute("gen_ai.prompt", "question?") +
                          "," + attribute("gen_ai.completion", "answer");

class ObserveStage : public ::testing::Test {
 protected:
  void read(Stream stream, const std::string& value, Timestamp append_time = kMinTimestamp) {
    stage_.on_record({stream, "topic", 3, 17, append_time, {}, value, {}}, out_);
  }

  std::vector<CallTexts> checked_;
  Observe stage_{{}, DialectTable::embedded().value(), [this](const CallTexts& texts) {
                   checked_.push_back(texts);
                   v1::TextSignals out;
                   out.set_input_chars(static_cast<uint32_t>(texts.question.size()));
                   return out;
                 }};
  Outputs out_;
};

TEST_F(ObserveStage, WritesOneFragmentForEachTraceOfARecord) {
  read(Stream::traces,
       traces(span_json(kTrace, "00000000000000a1", kChat) + "," + span_json(kOther, "00000000000000b1", kChat) + "," +
              span_json(kTrace, "00000000000000a2", "")));
  EXPECT_EQ(out_.keys, (std::vector<std::string>{std::string(kTrace), std::string(kOther)}));
  ASSERT_EQ(out_.fragments[0].spans_size(), 2);
  EXPECT_EQ(out_.fragments[0].trace_id().size(), 16U);
  EXPECT_EQ(out_.fragments[0].source().topic(), "topic");
  EXPECT_EQ(out_.fragments[0].source().partition(), 3);
  EXPECT_EQ(out_.fragments[0].source().offset(), 17);
  EXPECT_EQ(out_.fragments[0].spans(0).signals().input_chars(), 9U);
  EXPECT_FALSE(out_.fragments[0].spans(1).has_signals());
  EXPECT_EQ(out_.counts["spans/otel-genai"], 2U);
  EXPECT_EQ(out_.counts["spans/none"], 1U);
  EXPECT_EQ(out_.counts["messages/traces_json"], 1U);
}

TEST_F(ObserveStage, ASpanAloneIsSoughtEverywhereASessionHasItsPlace) {
  read(Stream::feedback,
       R"([{"span_id":"eee19b7ec3c1b174","thumb":"up"},{"session":"s 1","thumb":"down"},)"
       R"({"span_id":"eee19b7ec3c1b174","thumb":"up","labels":{"service":"shop"}}])",
       kEnd);
  read(Stream::evaluations, R"({"span_id":"eee19b7ec3c1b174","name":"x","score":1})", kEnd);
  ASSERT_TRUE(out_.dead.empty()) << out_.dead.front().first;
  EXPECT_EQ(out_.everywhere, (std::vector<std::string>{"span:eee19b7ec3c1b174", "span:eee19b7ec3c1b174"}));
  EXPECT_EQ(out_.counts["findings_by_span/"], 2U);
  ASSERT_EQ(out_.fragments.size(), 4U);
  EXPECT_EQ(out_.keys[0], "session:s 1");
  EXPECT_EQ(out_.fragments[0].session(), "s 1");
  EXPECT_TRUE(out_.fragments[1].sought_span().empty()) << "it says itself where it counts";
  EXPECT_EQ(out_.fragments[2].sought_span().size(), 8U);
  EXPECT_EQ(out_.fragments[2].feedback_size(), 1);
  EXPECT_EQ(out_.fragments[3].evaluations_size(), 1);
}

TEST_F(ObserveStage, TellsASessionOfItsRequests) {
  const std::string session = attribute("session.id", "s 1");
  const std::string model = attribute("gen_ai.request.model", "gpt-x");
  read(Stream::traces,
       traces(span_json(kTrace, "00000000000000a1", kChat + "," + model + "," + session) + "," +
              span_json(kTrace, "00000000000000a2", attribute("app.prompt_version", "v7"), "1700000000500000000") +
              "," + span_json(kOther, "00000000000000b1", session) + "," +
              span_json("0af7651916cd43dd8448eb211c80319d", "00000000000000c1", kChat)));
  ASSERT_EQ(out_.keys.size(), 4U) << "three traces, one session";
  EXPECT_EQ(out_.keys[3], "session:s 1");
  const v1::Fragment& told = out_.fragments[3];
  EXPECT_EQ(told.session(), "s 1");
  EXPECT_EQ(told.source().offset(), 17);
  ASSERT_EQ(told.requests_size(), 2);
  const auto& answered = told.requests(0);
  EXPECT_EQ(answered.trace_id(), out_.fragments[0].trace_id());
  EXPECT_TRUE(answered.is_genai());
  std::map<std::string, std::string> labels;
  for (const auto& label : answered.labels()) labels[label.name()] = label.value();
  EXPECT_EQ(answered.model(), "gpt-x");
  EXPECT_EQ(labels["prompt_version"], "v7");
  EXPECT_EQ(labels.count("session"), 0U) << "the fragment says it";
  EXPECT_FALSE(told.requests(1).is_genai());
}

TEST_F(ObserveStage, AnEventCutInsideACharacterDoesNotCostTheOthersOfItsMessage) {
  const std::string trace = R"("trace_id":")" + std::string(kTrace) + "\"";
  read(Stream::feedback, "[{" + trace + ",\"thumb\":\"up\",\"comment\":\"caf\xc3\"},{" + trace + R"(,"thumb":"down"}])",
       kEnd);
  ASSERT_EQ(out_.fragments.size(), 1U);
  EXPECT_EQ(out_.fragments[0].feedback_size(), 2);
  EXPECT_TRUE(out_.dead.empty());
}

TEST_F(ObserveStage, FragmentsCarryNoText) {
  read(Stream::traces, traces(span_json(kTrace, "00000000000000a1", kChat)));
  ASSERT_EQ(out_.fragments.size(), 1U);
  EXPECT_EQ(out_.fragments[0].SerializeAsString().find("question?"), std::string::npos);
  EXPECT_EQ(out_.fragments[0].SerializeAsString().find("answer"), std::string::npos);
}

TEST_F(ObserveStage, ALabelThatIsNoUtf8CostsNeitherItsSpanNorItsNeighbours) {
  const auto nest = [](uint32_t field, const std::string& bytes) {
    std::string out;
    protozero::pbf_writer(out).add_message(field, bytes);
    return out;
  };
  const auto attribute_of = [&](const std::string& key, const std::string& value) {
    return nest(9, nest(1, key) + nest(2, nest(1, value)));
  };
  const auto span = [&](const std::string& id, const std::string& model) {
    std::string out;
    protozero::pbf_writer writer(out);
    writer.add_bytes(1, "0123456789abcdef");
    writer.add_bytes(2, id);
    writer.add_fixed64(7, 1'700'000'000'000'000'000U);
    writer.add_fixed64(8, 1'700'000'001'000'000'000U);
    return nest(2, out + attribute_of("gen_ai.request.model", model) + attribute_of("user.id", "J\xf6rg"));
  };
  // Outputs expects that every fragment can be parsed.
  read(Stream::traces, nest(1, nest(2, span("aaaaaaaa", "gpt\xff") + span("bbbbbbbb", "gpt"))));
  ASSERT_EQ(out_.fragments.size(), 1U);
  ASSERT_EQ(out_.fragments[0].spans_size(), 2);
  EXPECT_EQ(out_.fragments[0].spans(0).request_model(), "gpt\xEF\xBF\xBD");
  EXPECT_EQ(out_.fragments[0].spans(1).request_model(), "gpt");
  EXPECT_EQ(out_.counts["repaired_messages/"], 1U);
}

TEST_F(ObserveStage, ABadSpanIsDeadLetteredAndItsNeighboursAreNot) {
  read(Stream::traces,
       traces(span_json("00", "00000000000000a1", kChat) + "," + span_json(kTrace, "00000000000000a2", kChat)));
  ASSERT_EQ(out_.dead.size(), 1U);
  EXPECT_EQ(out_.dead[0].first, "bad_trace_id");
  EXPECT_NE(out_.dead[0].second.find("00000000000000a1"), std::string::npos);
  EXPECT_EQ(out_.dead[0].second.find("00000000000000a2"), std::string::npos);
  EXPECT_EQ(out_.counts["bad_spans/bad_trace_id"], 1U);
  EXPECT_EQ(out_.fragments.size(), 1U);
}

TEST_F(ObserveStage, AnUnreadableMessageIsDeadLetteredWhole) {
  read(Stream::traces, "{\"resourceSpans\":");
  ASSERT_EQ(out_.dead.size(), 1U);
  EXPECT_EQ(out_.dead[0].second, "{\"resourceSpans\":");
  EXPECT_EQ(out_.counts["bad_messages/bad_json"], 1U);
  EXPECT_TRUE(out_.fragments.empty());
}

TEST_F(ObserveStage, RetrievedDocumentsGoToTheCallsThatCameAfter) {
  const auto retrieval = attribute("gen_ai.operation.name", "retrieval") + "," +
                         attribute("retrieval.documents.0.document.content", "facts");
  read(Stream::traces,
       traces(span_json(kTrace, "00000000000000a1", retrieval) + "," +
              span_json(kTrace, "00000000000000a2", kChat, "1700000001000000000", "1700000002000000000") + "," +
              span_json(kTrace, "00000000000000a3", kChat, "1700000000500000000", "1700000002000000000") + "," +
              span_json(kOther, "00000000000000b1", kChat, "1700000001000000000", "1700000002000000000")));
  ASSERT_EQ(checked_.size(), 3U);
  EXPECT_EQ(checked_[0].documents, (std::vector<std::string>{"facts"}));
  EXPECT_TRUE(checked_[1].documents.empty());
  EXPECT_TRUE(checked_[2].documents.empty());
}

TEST_F(ObserveStage, AClockThatIsAheadIsSetBackAndTheDurationKept) {
  const Timestamp append = kEnd - minutes(10);
  read(Stream::traces, traces(span_json(kTrace, "00000000000000a1", kChat)), append);
  const auto& facts = out_.fragments.at(0).spans(0);
  EXPECT_TRUE(facts.clamped());
  EXPECT_EQ(facts.end_unix_nano(), append.time_since_epoch().count());
  EXPECT_EQ(facts.end_unix_nano() - facts.start_unix_nano(), 1'000'000'000);
  EXPECT_EQ(out_.counts["clamped_spans/"], 1U);
  EXPECT_EQ(stage_.output_watermark(), append - seconds(10));
}

TEST_F(ObserveStage, AMinuteAheadIsBelieved) {
  read(Stream::traces, traces(span_json(kTrace, "00000000000000a1", kChat)), kEnd - minutes(1));
  EXPECT_FALSE(out_.fragments.at(0).spans(0).clamped());
}

TEST_F(ObserveStage, AnEvaluationInASpanIsOfTheTimeOfItsSpan) {
  const std::string event = R"(,"events":[{"name":"gen_ai.evaluation.result","timeUnixNano":"3881692800000000000",)"
                            R"("attributes":[)" +
                            attribute("gen_ai.evaluation.name", "Relevance") + "," +
                            attribute("gen_ai.evaluation.score.label", "pass") + "]}]}";
  std::string span = span_json(kTrace, "00000000000000a1", kChat);
  span.pop_back();
  read(Stream::traces, traces(span + event));
  ASSERT_EQ(out_.fragments.at(0).evaluations_size(), 1);
  EXPECT_EQ(out_.fragments[0].evaluations(0).time_unix_nano(), kEnd.time_since_epoch().count());
  const Timestamp append = kEnd - minutes(10);
  read(Stream::traces, traces(span + event), append);
  EXPECT_EQ(out_.fragments.at(1).evaluations(0).time_unix_nano(), append.time_since_epoch().count());
  EXPECT_EQ(out_.counts["clamped_findings/"], 1U);
}

TEST(ObserveFiles, WhatIsLaterThanTheReadingIsRefused) {
  ObserveOptions options;
  options.read_at = kEnd;
  Observe stage(options, DialectTable::embedded().value(), [](const CallTexts&) { return v1::TextSignals(); });
  Outputs out;
  const auto read = [&](Stream stream, const std::string& value) {
    stage.on_record({stream, "file", 0, 0, kMinTimestamp, {}, value, {}}, out);
  };
  const std::string start = "1700000000000000000";
  const std::string late = "1700000061000000001";  // a minute and a nanosecond after kEnd
  read(Stream::traces, traces(span_json(kTrace, "00000000000000a1", "", start, late) + "," +
                              span_json(kTrace, "00000000000000a2", "", start, "1700000061000000000")));
  ASSERT_EQ(out.fragments.size(), 1U);
  EXPECT_EQ(out.fragments[0].spans_size(), 1) << "its neighbour";
  read(Stream::logs, R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"gen_ai.user.message","traceId":")" +
                         std::string(kTrace) + R"(","spanId":"00f067aa0ba902b7","timeUnixNano":")" + late +
                         R"("}]}]}]})");
  read(Stream::feedback, R"([{"id":"f1","session":"s","thumb":"up","time":"2093-01-01T00:00:00Z"},)"
                         R"({"id":"f2","session":"s","thumb":"up","time":"2023-11-14T22:13:20Z"}])");
  EXPECT_EQ(out.counts["bad_spans/future_time"], 2U);
  EXPECT_EQ(out.counts["bad_findings/future_time"], 1U);
  EXPECT_EQ(out.counts["feedback_events/"], 1U);
  ASSERT_EQ(out.dead.size(), 3U);
  EXPECT_NE(out.dead[0].second.find("00000000000000a1"), std::string::npos);
  EXPECT_EQ(out.dead[2], std::pair(std::string("future_time"), std::string("f1")));
  EXPECT_EQ(stage.output_watermark(), kEnd + minutes(1) - seconds(10));
}

TEST_F(ObserveStage, WatermarkTrailsTheLatestEndAndNeverGoesBack) {
  EXPECT_EQ(stage_.output_watermark(), kMinTimestamp);
  read(Stream::traces, traces(span_json(kTrace, "00000000000000a1", kChat)));
  EXPECT_EQ(stage_.output_watermark(), kEnd - seconds(10));
  read(Stream::traces,
       traces(span_json(kTrace, "00000000000000a2", kChat, "1600000000000000000", "1600000001000000000")));
  EXPECT_EQ(stage_.output_watermark(), kEnd - seconds(10));
  stage_.on_watermark(kEnd, out_);
  EXPECT_EQ(stage_.output_watermark(), kEnd);
  stage_.on_watermark(kEnd - minutes(1), out_);
  EXPECT_EQ(stage_.output_watermark(), kEnd);
}

TEST_F(ObserveStage, LogRecordsOfOneSpanAreOneAddition) {
  const std::string ids =
      R"("timeUnixNano":"1700000001000000000","traceId":")" + std::string(kTrace) + R"(","spanId":"00000000000000a1")";
  const auto body = [](std::string_view content) {
    return R"("body":{"kvlistValue":{"values":[)" + attribute("content", content) + "]}}";
  };
  read(Stream::logs, R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"gen_ai.user.message",)" + ids +
                         "," + body("question?") + R"(},{"eventName":"gen_ai.user.message",)" + ids + "," +
                         body("another?") + R"(},{"body":{"stringValue":"no event"},)" + ids + "}]}]}]}");
  ASSERT_EQ(out_.fragments.size(), 1U);
  ASSERT_EQ(out_.fragments[0].spans_size(), 1);
  EXPECT_TRUE(out_.fragments[0].spans(0).from_log());
  ASSERT_EQ(checked_.size(), 1U);
  EXPECT_EQ(checked_[0].question, "another?");
  EXPECT_EQ(out_.counts["logs/"], 2U);
  EXPECT_EQ(out_.counts["ignored_logs/"], 1U);
  EXPECT_EQ(stage_.output_watermark(), kEnd - seconds(10));
}

TEST_F(ObserveStage, EvaluationRecordsAreWrittenWithoutASpan) {
  read(Stream::logs,
       R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"gen_ai.evaluation.result","traceId":")" +
           std::string(kTrace) + R"(","timeUnixNano":"1700000001000000000","attributes":[)" +
           attribute("gen_ai.evaluation.name", "Relevance") + "," + attribute("gen_ai.evaluation.score.label", "pass") +
           "]}]}]}]}");
  ASSERT_EQ(out_.fragments.size(), 1U);
  EXPECT_EQ(out_.fragments[0].spans_size(), 0);
  ASSERT_EQ(out_.fragments[0].evaluations_size(), 1);
  EXPECT_EQ(out_.fragments[0].evaluations(0).name(), "Relevance");
}

TEST(ObserveScales, ScoresOfLogRecordsAreSharesOfTheConfiguredScale) {
  ObserveOptions options;
  options.score_ranges = {{"relevance", {1, 5}}};
  Observe stage(options, DialectTable::embedded().value(), [](const CallTexts&) { return v1::TextSignals(); });
  const auto record = [](std::string_view name, std::string_view score) {
    return R"({"eventName":"gen_ai.evaluation.result","traceId":")" + std::string(kTrace) +
           R"(","spanId":"00f067aa0ba902b7","timeUnixNano":"1700000001000000000","attributes":[)" +
           attribute("gen_ai.evaluation.name", name) +
           R"(,{"key":"gen_ai.evaluation.score.value","value":{"doubleValue":)" + std::string(score) + "}}]}";
  };
  Outputs out;
  const std::string message = R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + record("relevance", "4") + "," +
                              record("relevance", "9") + "," + record("length", "250") + "]}]}]}";
  stage.on_record({Stream::logs, "topic", 3, 17, kMinTimestamp, {}, message, {}}, out);
  ASSERT_EQ(out.fragments.size(), 1U);
  ASSERT_EQ(out.fragments[0].evaluations_size(), 2);
  EXPECT_EQ(out.fragments[0].evaluations(0).score(), 0.75);
  EXPECT_EQ(out.fragments[0].evaluations(1).score(), 250) << "no scale of this name: as it is";
  ASSERT_EQ(out.dead.size(), 1U);
  EXPECT_EQ(out.dead[0].first, "score_out_of_range");
  EXPECT_EQ(out.counts["bad_findings/score_out_of_range"], 1U);
}

}  // namespace
}  // namespace tidewatch
