#include <gtest/gtest.h>

#include <filesystem>

#include "app/files/otlp_json_text.h"
#include "app/files/span_file_reader.h"
#include "stream/ingest/otlp_decoder.h"
#include "tests/unit/app/otlp_collector.h"

namespace tidewatch {
namespace {

const std::filesystem::path kCaptures = std::filesystem::path(TIDEWATCH_SHARED_DIR) / "samples/otlp";

std::vector<std::string> payloads_of(const std::filesystem::path& file) {
  std::vector<std::string> out;
  auto reader = SpanFileReader::open(file);
  EXPECT_TRUE(reader.ok()) << file;
  for (;;) {
    auto record = reader->next();
    EXPECT_TRUE(record.ok()) << record.error().message;
    if (!record || !record->has_value()) return out;
    out.push_back(std::move((*record)->payload));
  }
}

TEST(Captures, AreReadAsOneDocumentAndAsOneUndelimitedMessage) {
  size_t captures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kCaptures)) {
    if (entry.path().extension() != ".json") continue;
    ++captures;
    auto binary = entry.path();
    binary.replace_extension(".binpb");
    const auto json = payloads_of(entry.path());
    EXPECT_EQ(json.size(), 1U) << entry.path();
    OtlpDecoder decoder;
    OtlpCollector from_json;
    OtlpCollector from_protobuf;
    OtlpCollector rewritten;
    for (const auto& payload : json) EXPECT_TRUE(decoder.decode_traces(payload, from_json).ok());
    for (const auto& payload : payloads_of(binary)) {
      EXPECT_TRUE(decoder.decode_traces(payload, from_protobuf).ok());
      // Through our own subset and out as JSON.
      otlp::v1::TracesData message;
      EXPECT_TRUE(message.ParseFromString(payload));
      std::string text;
      append_otlp_json(message, text);
      EXPECT_TRUE(decoder.decode_traces(text, rewritten).ok());
    }
    EXPECT_GT(from_json.records.size(), 10U);
    EXPECT_EQ(from_json.records, from_protobuf.records) << entry.path();
    EXPECT_EQ(rewritten.records, from_protobuf.records) << entry.path();
  }
  EXPECT_EQ(captures, 7U);
}

}  // namespace
}  // namespace tidewatch
