#include "app/files/otlp_json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "stream/ingest/otlp_decoder.h"
#include "tests/unit/app/otlp_collector.h"

namespace tidewatch {
namespace {

namespace v1 = otlp::v1;

v1::TracesData sample() {
  v1::TracesData out;
  auto& resource = *out.add_resource_spans();
  auto& service = *resource.mutable_resource()->add_attributes();
  service.set_key("service.name");
  service.mutable_value()->set_string_value("shop");
  auto& scope = *resource.add_scope_spans();
  scope.mutable_scope()->set_name("scope");
  auto& span = *scope.add_spans();
  span.set_trace_id(std::string("\x01\x02\xab\xcd\0\0\0\0\0\0\0\0\0\0\0\xff", 16));
  span.set_span_id(std::string("\x12\x34\x56\x78\x9a\xbc\xde\xf0", 8));
  span.set_name("a \"quoted\"\nname ü");
  span.set_kind(v1::Span::SPAN_KIND_CLIENT);
  span.set_start_time_unix_nano(1795467459822384234);
  span.set_end_time_unix_nano(1795467459837959229);
  const auto add = [&](const char* key) -> v1::AnyValue& {
    auto& attribute = *span.add_attributes();
    attribute.set_key(key);
    return *attribute.mutable_value();
  };
  add("big").set_int_value(std::numeric_limits<int64_t>::min());
  add("real").set_double_value(0.1);
  add("yes").set_bool_value(true);
  add("no").set_bool_value(false);
  add("empty").set_string_value("");
  add("list").mutable_array_value()->add_values()->set_string_value("x");
  auto& field = *add("map").mutable_kvlist_value()->add_values();
  field.set_key("k");
  field.mutable_value()->set_int_value(1);
  auto& event = *span.add_events();
  event.set_name("exception");
  event.set_time_unix_nano(1795467459822384235);
  span.mutable_status()->set_code(v1::Status::STATUS_CODE_ERROR);
  span.mutable_status()->set_message("no");
  return out;
}

TEST(OtlpJsonText, FollowsTheMappingOfOtlp) {
  std::string text;
  append_otlp_json(sample(), text);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto span = nlohmann::json::parse(text).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
  EXPECT_EQ(span.at("traceId"), "0102abcd0000000000000000000000ff");
  EXPECT_EQ(span.at("spanId"), "123456789abcdef0");
  EXPECT_FALSE(span.contains("parentSpanId"));
  EXPECT_EQ(span.at("kind"), 3);
  EXPECT_EQ(span.at("startTimeUnixNano"), "1795467459822384234");
  EXPECT_EQ(span.at("attributes").at(0).at("value").at("intValue"), "-9223372036854775808");
  EXPECT_EQ(span.at("attributes").at(1).at("value").at("doubleValue"), 0.1);
  EXPECT_EQ(span.at("status"), nlohmann::json({{"message", "no"}, {"code", 2}}));
}

TEST(OtlpJsonText, IsDecodedToTheSameSpansAsTheProtobuf) {
  OtlpDecoder decoder;
  OtlpCollector from_json;
  OtlpCollector from_protobuf;
  std::string text;
  append_otlp_json(sample(), text);
  ASSERT_TRUE(decoder.decode_traces(text, from_json).ok());
  ASSERT_TRUE(decoder.decode_traces(sample().SerializeAsString(), from_protobuf).ok());
  ASSERT_EQ(from_json.records.size(), 1U);
  EXPECT_EQ(from_json.records, from_protobuf.records);
}

TEST(OtlpJsonText, LogsAreDecodedToTheSameRecordsAsTheProtobuf) {
  v1::LogsData logs;
  auto& record = *logs.add_resource_logs()->add_scope_logs()->add_log_records();
  record.set_time_unix_nano(1795467459822384234);
  record.set_observed_time_unix_nano(1795467459822384239);
  record.set_trace_id(std::string(16, '\x0f'));
  record.set_span_id(std::string(8, '\x0e'));
  record.set_event_name("gen_ai.choice");
  record.set_severity_number(9);
  auto& field = *record.mutable_body()->mutable_kvlist_value()->add_values();
  field.set_key("index");
  field.mutable_value()->set_int_value(0);
  std::string text;
  append_otlp_json(logs, text);
  OtlpDecoder decoder;
  OtlpCollector from_json;
  OtlpCollector from_protobuf;
  ASSERT_TRUE(decoder.decode_logs(text, from_json).ok());
  ASSERT_TRUE(decoder.decode_logs(logs.SerializeAsString(), from_protobuf).ok());
  ASSERT_EQ(from_json.records.size(), 1U);
  EXPECT_EQ(from_json.records, from_protobuf.records);
}

TEST(OtlpJsonText, NumbersThatJsonHasNotAreWrittenAsProtobufDoes) {
  v1::TracesData message = sample();
  auto& value = *message.mutable_resource_spans(0)->mutable_resource()->mutable_attributes(0)->mutable_value();
  for (const auto& [number, written] : {std::pair{std::numeric_limits<double>::infinity(), "Infinity"},
                                        std::pair{-std::numeric_limits<double>::infinity(), "-Infinity"},
                                        std::pair{std::numeric_limits<double>::quiet_NaN(), "NaN"}}) {
    value.set_double_value(number);
    std::string text;
    append_otlp_json(message, text);
    EXPECT_EQ(nlohmann::json::parse(text)["resourceSpans"][0]["resource"]["attributes"][0]["value"]["doubleValue"],
              written);
  }
}

TEST(OtlpSchema, UnknownFieldsSurvive) {
  // A span with fields that our subset does not have: trace_state (3), dropped_attributes_count (10), a link (13) and
  // flags (16), as opentelemetry-proto numbers them.
  std::string span = sample().resource_spans(0).scope_spans(0).spans(0).SerializeAsString();
  const std::string unknown = std::string(
                                  "\x1a\x03"
                                  "a=b",
                                  5) +
                              std::string("\x50\x07", 2) + std::string("\x6a\x04\x12\x02xy", 6) +
                              std::string("\x85\x01\x00\x01\x00\x00", 6);
  v1::Span read;
  ASSERT_TRUE(read.ParseFromString(span + unknown));
  EXPECT_EQ(read.name(), sample().resource_spans(0).scope_spans(0).spans(0).name());
  const std::string again = read.SerializeAsString();
  EXPECT_TRUE(again.ends_with(unknown));
  EXPECT_EQ(again.size(), span.size() + unknown.size());
}

}  // namespace
}  // namespace tidewatch
