#include "stream/ingest/otlp_decoder.h"

#include <gmock/gmock.h>

#include <protozero/pbf_writer.hpp>

#include "tests/unit/stream/ingest/otlp_text.h"

namespace tidewatch {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kIds =
    R"("traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1700000000000000000")";

std::string message(const std::string& spans) {
  return R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
         R"("scopeSpans":[{"scope":{"name":"s"},"spans":[)" +
         spans + "]}]}]}";
}
std::string span_with(std::string_view more) { return "{" + std::string(kIds) + "," + std::string(more) + "}"; }

OtlpText read(std::string_view payload) {
  OtlpText out;
  const auto status = OtlpDecoder().decode_traces(payload, out);
  EXPECT_TRUE(status) << status.error().message;
  return out;
}

TEST(OtlpJson, SnakeCaseKeysAreTheSameSpan) {
  const auto camel =
      read(message(span_with(R"("parentSpanId":"aaa19b7ec3c1b174","endTimeUnixNano":"1700000001000000000")")));
  const auto snake = read(
      R"({"resource_spans":[{"resource":{"attributes":[{"key":"service.name","value":{"string_value":"shop"}}]},)"
      R"("scope_spans":[{"scope":{"name":"s"},"spans":[{"trace_id":"5B8EFFF798038103D269B633813FC60C",)"
      R"("span_id":"EEE19B7EC3C1B174","parent_span_id":"AAA19B7EC3C1B174","start_time_unix_nano":1700000000000000000,)"
      R"("end_time_unix_nano":1700000001000000000}]}]}]})");
  ASSERT_THAT(camel.records, SizeIs(1));
  EXPECT_EQ(camel.records, snake.records);
}

TEST(OtlpJson, EnumsAreNumbersOrNames) {
  const auto number = read(message(span_with(R"("kind":2,"status":{"code":2,"message":"boom"})")));
  const auto name =
      read(message(span_with(R"("kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR","message":"boom"})")));
  EXPECT_EQ(number.records, name.records);
  EXPECT_THAT(number.records.at(0), HasSubstr("2 boom"));
}

TEST(OtlpJson, NumbersMayBeStringsAndNullIsAbsent) {
  const auto seen = read(message(span_with(
      R"("parentSpanId":null,"events":null,"mystery":{"a":[1]},"attributes":[{"key":"a","value":{"intValue":"412"}},)"
      R"({"key":"b","value":{"intValue":412}},{"key":"c","value":null},{"key":"d","value":{"doubleValue":"NaN"}},)"
      R"({"key":"e","value":{"arrayValue":{"values":[{"boolValue":true},null]}}}])")));
  ASSERT_THAT(seen.records, SizeIs(1));
  EXPECT_THAT(seen.records[0], HasSubstr("a=412;b=412;c=null;d=nanr;e=[true,null,];"));
}

TEST(OtlpJson, OneBadSpanDoesNotCostItsNeighbours) {
  const auto seen = read(message(span_with(R"("name":"first")") + R"(,{"traceId":"zz","spanId":"1"},)" +
                                 span_with(R"("name":7)") + ",5," + span_with(R"("name":"last")")));
  EXPECT_THAT(seen.records, ElementsAre(HasSubstr("first"), HasSubstr("last")));
  EXPECT_THAT(seen.bad_codes, ElementsAre("bad_trace_id", "bad_value", "bad_value"));
  EXPECT_THAT(seen.bad_parts, ElementsAre(HasSubstr("zz"), HasSubstr("\"name\":7"), "5"));
}

TEST(OtlpJson, ATextCutInsideACharacterDoesNotCostTheMessage) {
  OtlpText seen;
  OtlpDecoder decoder;
  ASSERT_TRUE(decoder.decode_traces(
      message(span_with("\"name\":\"caf\xc3\",\"attributes\":[{\"key\":\"a\",\"value\":{\"stringValue\":"
                        "\"\xe2\x82\"}}]") +
              "," + span_with(R"("name":"café")")),
      seen));
  EXPECT_THAT(
      seen.records,
      ElementsAre(AllOf(HasSubstr("caf\xEF\xBF\xBD"), HasSubstr("a=\"\xEF\xBF\xBD\xEF\xBF\xBD\"")), HasSubstr("café")));
  EXPECT_TRUE(decoder.was_repaired());
  ASSERT_TRUE(decoder.decode_traces(message(span_with(R"("name":"café")")), seen));
  EXPECT_FALSE(decoder.was_repaired());
}

TEST(OtlpJson, WhatIsNotOtlpIsNamed) {
  OtlpText out;
  OtlpDecoder decoder;
  EXPECT_EQ(decoder.decode_traces(R"({"hello":1})", out).error().code, "not_otlp");
  EXPECT_EQ(decoder.decode_traces(R"({"resourceSpans":[)", out).error().code, "bad_json");
  EXPECT_TRUE(decoder.decode_traces("{}", out));
}

TEST(OtlpJson, LogRecordsCarryTraceTimeAndBody) {
  OtlpText out;
  ASSERT_TRUE(OtlpDecoder().decode_logs(
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
      R"("observedTimeUnixNano":"17","eventName":"gen_ai.evaluation.result","body":{"stringValue":"hi"}},)"
      R"({"body":{"stringValue":"no time"}}]}]}]})",
      out));
  ASSERT_THAT(out.records, SizeIs(1));
  EXPECT_THAT(out.records[0], HasSubstr("5b8efff798038103d269b633813fc60c/ 17 gen_ai.evaluation.result \"hi\""));
  EXPECT_THAT(out.bad_codes, ElementsAre("bad_time"));
}

/// Writes protobuf by hand, the way the wire format is documented: also messages that no library would write.
struct Wire {
  static std::string nest(uint32_t field, const std::string& bytes) {
    std::string out;
    protozero::pbf_writer(out).add_message(field, bytes);
    return out;
  }
  static std::string span(const std::string& trace, uint64_t start, uint64_t end) {
    std::string out;
    protozero::pbf_writer writer(out);
    writer.add_bytes(1, trace);
    writer.add_bytes(2, "12345678");
    writer.add_bytes(4, std::string(8, '\0'));
    writer.add_fixed64(7, start);
    writer.add_fixed64(8, end);
    return out;
  }
};
const std::string kTrace = "0123456789abcdef";

TEST(OtlpProtobuf, TheResourceMayFollowItsSpans) {
  std::string attribute;
  {
    protozero::pbf_writer writer(attribute);
    writer.add_string(1, "service.name");
    std::string value;
    protozero::pbf_writer(value).add_string(1, "shop");
    writer.add_message(2, value);
  }
  const std::string scope = Wire::nest(2, Wire::nest(2, Wire::span(kTrace, 5, 6)));
  const auto seen = read(Wire::nest(1, scope + Wire::nest(1, Wire::nest(1, attribute))));
  EXPECT_THAT(seen.records, ElementsAre(HasSubstr("service.name=\"shop\"")));
}

TEST(OtlpProtobuf, OneBadSpanDoesNotCostItsNeighbours) {
  const auto seen = read(Wire::nest(
      1, Wire::nest(2, Wire::nest(2, Wire::span(kTrace, 5, 6)) + Wire::nest(2, "\xff\xff\xff") +
                           Wire::nest(2, Wire::span("short", 5, 6)) + Wire::nest(2, Wire::span(kTrace, 0, 0)) +
                           Wire::nest(2, Wire::span(std::string(16, '\0'), 1, 2)) +
                           Wire::nest(2, Wire::span(kTrace, 9, 8)))));
  EXPECT_THAT(seen.bad_codes, ElementsAre("bad_protobuf", "bad_trace_id", "bad_time", "bad_trace_id"));
  EXPECT_THAT(seen.records, ElementsAre(HasSubstr(" 5..6 "), HasSubstr(" 9..9 ")));
}

TEST(OtlpProtobuf, TextsThatAreNoUtf8AreRepaired) {
  const auto attribute = [](const std::string& text) {
    std::string out;
    protozero::pbf_writer writer(out);
    writer.add_string(1, "a");
    writer.add_message(2, Wire::nest(1, text));
    return Wire::nest(9, out);
  };
  OtlpText seen;
  OtlpDecoder decoder;
  const std::string spans = Wire::nest(2, Wire::span(kTrace, 5, 6) + Wire::nest(5, "caf\xc3") +
                                              attribute("\xff"
                                                        "b")) +
                            Wire::nest(2, Wire::span(kTrace, 7, 8) + attribute("café"));
  ASSERT_TRUE(decoder.decode_traces(Wire::nest(1, Wire::nest(2, spans)), seen));
  EXPECT_THAT(seen.records, ElementsAre(AllOf(HasSubstr("caf\xEF\xBF\xBD"), HasSubstr("a=\"\xEF\xBF\xBD"
                                                                                      "b\"")),
                                        HasSubstr("a=\"café\"")));
  EXPECT_TRUE(decoder.was_repaired());
}

TEST(Utf8, OnlyWhatBelongsToNoSequenceIsReplaced) {
  EXPECT_EQ(repaired_utf8("plain \xC3\xA9 \xF0\x9F\x91\x8D"), "plain \xC3\xA9 \xF0\x9F\x91\x8D");
  EXPECT_EQ(repaired_utf8("\x80 \xC0\xAF"), "\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD") << "stray, overlong";
  EXPECT_EQ(repaired_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
  EXPECT_EQ(repaired_utf8("a\xF0\x9F\x91"), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "cut off";
  EXPECT_EQ(repaired_utf8(""), "");
}

TEST(OtlpProtobuf, ValuesNestedWithoutEndAreRefused) {
  std::string value;
  for (int i = 0; i < 100; ++i) value = Wire::nest(5, Wire::nest(1, value));
  const std::string attribute = Wire::nest(2, value);
  const auto seen =
      read(Wire::nest(1, Wire::nest(2, Wire::nest(2, Wire::span(kTrace, 5, 6) + Wire::nest(9, attribute)))));
  EXPECT_THAT(seen.bad_codes, ElementsAre("too_deep"));
}

TEST(OtlpEncoding, ALineFeedMayBeginEither) {
  const std::string filler(115, 'x');
  const std::string first_field_of_123 = Wire::nest(1, Wire::nest(15, filler) + Wire::nest(15, "1234"));
  ASSERT_EQ(first_field_of_123.substr(0, 2), "\n{");
  EXPECT_EQ(otlp_encoding_of(first_field_of_123), OtlpEncoding::protobuf);
  EXPECT_EQ(otlp_encoding_of("\n{\"resourceSpans\":[]}"), OtlpEncoding::json);
  EXPECT_EQ(otlp_encoding_of("  {}"), OtlpEncoding::json);
  EXPECT_EQ(otlp_encoding_of(""), OtlpEncoding::protobuf);
}

}  // namespace
}  // namespace tidewatch
