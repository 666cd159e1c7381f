#include "stream/evaluate/trace_text_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tidewatch {
namespace {

using nlohmann::json;

constexpr std::string_view kTrace = "a trace of 16 by";
constexpr std::string_view kSpan = "a span 8";

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

json attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

std::string spans(std::string_view trace, const json& attributes) {
  const json span = {{"traceId", hex(trace)},
                     {"spanId", hex(kSpan)},
                     {"name", "chat"},
                     {"startTimeUnixNano", "1000000000"},
                     {"endTimeUnixNano", "2000000000"},
                     {"attributes", attributes}};
  const json scope = {{"spans", json::array({span})}};
  const json resource = {{"scopeSpans", json::array({scope})}};
  return json{{"resourceSpans", json::array({resource})}}.dump();
}

json record(std::string_view event, std::string_view content) {
  return {{"traceId", hex(kTrace)},
          {"spanId", hex(kSpan)},
          {"timeUnixNano", "2000000000"},
          {"eventName", event},
          {"body", {{"stringValue", content}}}};
}

std::string logs(const json& records) {
  const json scope = {{"logRecords", records}};
  const json resource = {{"scopeLogs", json::array({scope})}};
  return json{{"resourceLogs", json::array({resource})}}.dump();
}

class TraceTextReaderTest : public testing::Test {
 protected:
  TraceTextReaderTest() { reader_.want(kTrace); }
  TraceTextReader reader_{DialectTable::embedded().value(), std::nullopt, std::nullopt};
};

TEST_F(TraceTextReaderTest, ReadsTheTextsOfWantedTracesAlone) {
  const auto chat = json::array({attribute("gen_ai.operation.name", "chat"),
                                 attribute("gen_ai.input.messages", R"([{"role":"user","content":"Why?"}])"),
                                 attribute("gen_ai.output.messages", R"([{"role":"assistant","content":"So."}])")});
  reader_.read_traces(spans("another 16 bytes", chat));
  EXPECT_FALSE(reader_.of(kTrace).answered());
  reader_.read_traces(spans(kTrace, chat));
  const auto texts = reader_.of(kTrace).answered();
  ASSERT_TRUE(texts);
  EXPECT_EQ(texts->question, "Why?");
  EXPECT_EQ(texts->answer, "So.");
}

TEST_F(TraceTextReaderTest, LogRecordsOfASpanSayTogetherWhatWasAskedLast) {
  reader_.read_logs(logs({record("gen_ai.user.message", R"({"content":"An earlier question"})"),
                          record("gen_ai.user.message", R"({"content":"The last question"})"),
                          record("gen_ai.choice", R"({"message":{"role":"assistant","content":"The answer"}})")}));
  EXPECT_FALSE(reader_.of(kTrace).answered()) << "the span itself has not come";
  reader_.read_traces(spans(kTrace, json::array({attribute("gen_ai.operation.name", "chat")})));
  const auto texts = reader_.of(kTrace).answered();
  ASSERT_TRUE(texts);
  EXPECT_EQ(texts->question, "The last question");
  EXPECT_EQ(texts->answer, "The answer");
}

TEST_F(TraceTextReaderTest, WhatCannotBeReadIsPassedOver) {
  reader_.read_traces("nothing of the kind");
  reader_.read_logs("\xff\xfe");
  EXPECT_FALSE(reader_.of(kTrace).answered());
}

}  // namespace
}  // namespace tidewatch
