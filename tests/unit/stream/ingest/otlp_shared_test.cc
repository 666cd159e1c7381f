#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "stream/ingest/otlp_decoder.h"
#include "tests/unit/stream/ingest/otlp_text.h"

namespace tidewatch {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream in(std::string(TIDEWATCH_SHARED_DIR) + "/samples/otlp/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

class OtlpCaptures : public ::testing::TestWithParam<std::string> {};

TEST_P(OtlpCaptures, JsonAndProtobufAreRecognisedAndReadTheSame) {
  const std::string json = read_file(GetParam() + ".json");
  const std::string protobuf = read_file(GetParam() + ".binpb");
  EXPECT_EQ(otlp_encoding_of(json), OtlpEncoding::json);
  EXPECT_EQ(otlp_encoding_of(protobuf), OtlpEncoding::protobuf);
  OtlpDecoder decoder;
  OtlpText from_json;
  OtlpText from_protobuf;
  const auto json_read = decoder.decode_traces(json, from_json);
  const auto protobuf_read = decoder.decode_traces(protobuf, from_protobuf);
  ASSERT_TRUE(json_read) << json_read.error().message;
  ASSERT_TRUE(protobuf_read) << protobuf_read.error().message;
  EXPECT_TRUE(from_json.bad_codes.empty());
  EXPECT_TRUE(from_protobuf.bad_codes.empty());
  EXPECT_GE(from_json.records.size(), 15U);
  EXPECT_EQ(from_json.records, from_protobuf.records);
}

TEST_P(OtlpCaptures, AMessageCutAnywhereIsAnErrorAndNoCrash) {
  OtlpDecoder decoder;
  for (const auto* ending : {".json", ".binpb"}) {
    const std::string whole = read_file(GetParam() + ending);
    OtlpText all;
    ASSERT_TRUE(decoder.decode_traces(whole, all));
    for (size_t cut = 1; cut < whole.size(); cut += 1 + whole.size() / 100) {
      OtlpText some;
      const auto read = decoder.decode_traces(whole.substr(0, cut), some);
      EXPECT_FALSE(read) << cut;
      EXPECT_LE(some.records.size(), all.records.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OtlpCaptures,
                         ::testing::Values("otel-genai", "otel-genai-latest", "openinference", "openllmetry",
                                           "openllmetry-0.36", "langfuse", "vercel-ai"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name)
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           return name;
                         });

}  // namespace
}  // namespace tidewatch
