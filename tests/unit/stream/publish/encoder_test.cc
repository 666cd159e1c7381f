#include "stream/publish/encoder.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "stream/publish/timestamps.h"
#include "tidewatch/v1/alert.pb.h"
#include "tidewatch/v1/quality_score.pb.h"

namespace tidewatch {
namespace {

using google::protobuf::util::MessageDifferencer;
using nlohmann::json;
using testing::Each;
using testing::HasSubstr;
using testing::Optional;

Timestamp at_ms(int64_t milliseconds) { return Timestamp(std::chrono::milliseconds(milliseconds)); }

v1::Alert an_alert() {
  v1::Alert alert;
  alert.set_id("0123456789abcdef0123456789abcdef");
  alert.set_incident_id("fedcba9876543210fedcba9876543210");
  alert.set_state("firing");
  alert.set_transition("fired");
  alert.set_severity("page");
  alert.set_kind("point");
  alert.set_rule("refusals");
  alert.set_measure("latency_p95");
  (*alert.mutable_labels())["service"] = "shop";
  (*alert.mutable_labels())["endpoint"] = "/chat \"beta\" \xE2\x82\xAC";
  *alert.mutable_starts_at() = to_proto(at_ms(1'767'225'600'000));
  *alert.mutable_observed_at() = to_proto(at_ms(1'767'225'660'250));
  alert.set_window_seconds(60);
  alert.set_value(0.1);
  alert.set_expected_low(0);
  alert.set_why("because");
  alert.add_exemplars("00112233445566778899aabbccddeeff");
  auto& offset = *alert.add_offsets();
  offset.set_topic("otlp_spans");
  offset.set_partition(3);
  offset.set_offset(9'007'199'254'740'993);  // beyond what a double holds
  auto& contribution = *alert.add_contributions();
  contribution.set_measure("error_rate");
  contribution.set_bits(1.0 / 3);
  return alert;
}

TEST(Encoder, JsonUsesTheSchemasNamesAndRfc3339) {
  const json read = json::parse(encode(an_alert(), WireFormat::json));
  EXPECT_EQ(read["incident_id"], "fedcba9876543210fedcba9876543210");
  EXPECT_EQ(read["labels"], (json{{"service", "shop"}, {"endpoint", "/chat \"beta\" \xE2\x82\xAC"}}));
  EXPECT_EQ(read["starts_at"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(read["observed_at"], "2026-01-01T00:01:00.250Z");
  EXPECT_EQ(read["window_seconds"], 60);
  EXPECT_EQ(read["exemplars"], json::array({"00112233445566778899aabbccddeeff"}));
  EXPECT_EQ(read["offsets"][0], (json{{"topic", "otlp_spans"}, {"partition", 3}, {"offset", "9007199254740993"}}));
}

TEST(Encoder, JsonPrintsZerosOfFieldsWithoutPresenceAndLeavesAbsentOnesOut) {
  const json read = json::parse(encode(an_alert(), WireFormat::json));
  EXPECT_EQ(read["effect"], 0);
  EXPECT_EQ(read["config_version"], "");
  EXPECT_EQ(read["reopened"], false);
  EXPECT_EQ(read["changes"], json::array());
  EXPECT_EQ(read["expected_low"], 0) << "present, though zero";
  EXPECT_FALSE(read.contains("expected_high"));
  EXPECT_FALSE(read.contains("ends_at"));
  EXPECT_FALSE(read.contains("cause"));
}

TEST(Encoder, JsonIsOneLine) {
  auto alert = an_alert();
  alert.set_why("two\nlines");
  EXPECT_THAT(encode(alert, WireFormat::json), Each(testing::Ne('\n')));
}

TEST(Encoder, BothFormatsReadBackAsTheSameMessage) {
  const auto alert = an_alert();
  v1::Alert from_json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(encode(alert, WireFormat::json), &from_json).ok());
  EXPECT_TRUE(MessageDifferencer::Equals(alert, from_json));
  v1::Alert from_protobuf;
  ASSERT_TRUE(from_protobuf.ParseFromString(encode(alert, WireFormat::protobuf)));
  EXPECT_TRUE(MessageDifferencer::Equals(alert, from_protobuf));
}

TEST(Encoder, NumbersSurviveJsonExactly) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e21, 123456789.123456789}) {
    v1::AlertContribution before;
    before.set_bits(value);
    v1::AlertContribution after;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(encode(before, WireFormat::json), &after).ok());
    EXPECT_EQ(before.bits(), after.bits());
  }
}

TEST(Encoder, EqualMessagesGiveEqualBytesWhateverTheOrderOfInsertion) {
  v1::QualityScore forwards;
  v1::QualityScore backwards;
  for (int i = 0; i < 200; ++i) {
    (*forwards.mutable_labels())[std::to_string(i)] = "x";
    (*backwards.mutable_labels())[std::to_string(199 - i)] = "x";
  }
  for (const auto format : {WireFormat::json, WireFormat::protobuf})
    EXPECT_EQ(encode(forwards, format), encode(backwards, format));
}

TEST(Encoder, FindsNumbersThatAreNotFiniteWhereverTheyAre) {
  v1::QualityScore score;
  EXPECT_EQ(non_finite_field(score), std::nullopt);
  score.set_index(std::numeric_limits<double>::infinity());
  EXPECT_THAT(non_finite_field(score), Optional(std::string("index")));
  score.clear_index();
  score.add_measures()->set_value(1);
  EXPECT_EQ(non_finite_field(score), std::nullopt);
  score.add_measures()->set_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(non_finite_field(score), Optional(std::string("measures[1].value")));
}

TEST(EncoderDeathTest, RefusesToWriteANumberThatJsonDoesNotHave) {
  v1::Alert alert;
  alert.set_effect(std::numeric_limits<double>::quiet_NaN());
  EXPECT_DEATH(encode(alert, WireFormat::json), HasSubstr("Alert.effect is not a finite number"));
}

TEST(Timestamps, CoverTheWholeRange) {
  EXPECT_EQ(rfc3339(Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(Timestamp(Duration(-1))), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339(kMinTimestamp), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(rfc3339(kMaxTimestamp), "2262-04-11T23:47:16.854775807Z");
}

}  // namespace
}  // namespace tidewatch
