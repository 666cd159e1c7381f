#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "stream/ingest/otlp_decoder.h"
#include "tests/golden/captures/fact_text.h"

namespace tidewatch {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string capture(const std::string& name) {
  return read_file(std::string(TIDEWATCH_SHARED_DIR) + "/samples/otlp/" + name);
}

std::string golden_path(const std::string& name) {
  return std::string(TIDEWATCH_SOURCE_DIR) + "/tests/golden/captures/" + name + ".txt";
}

class Captures : public ::testing::TestWithParam<std::string> {
 protected:
  void read(const std::string& ending, FactSink& sink) {
    OtlpDecoder decoder;
    const auto read = decoder.decode_traces(capture(GetParam() + ending), sink);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(sink.bad, 0U);
    ASSERT_GE(sink.spans.size(), 15U);
  }
  SpanMapper mapper_{DialectTable::embedded().value()};
};

// TIDEWATCH_UPDATE_GOLDEN=1 writes the golden files anew: read the difference before committing it.
TEST_P(Captures, MapToTheGoldenFacts) {
  FactSink sink(mapper_);
  read(".json", sink);
  const auto path = golden_path(GetParam());
  if (std::getenv("TIDEWATCH_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << sink.text;
  EXPECT_EQ(sink.text, read_file(path));
}

TEST_P(Captures, JsonAndProtobufMapToTheSame) {
  FactSink json(mapper_);
  FactSink protobuf(mapper_);
  read(".json", json);
  read(".binpb", protobuf);
  ASSERT_EQ(json.spans.size(), protobuf.spans.size());
  EXPECT_EQ(json.text, protobuf.text);
  for (size_t i = 0; i < json.spans.size(); ++i) {
    EXPECT_EQ(json.spans[i].facts.SerializeAsString(), protobuf.spans[i].facts.SerializeAsString());
    EXPECT_EQ(json.spans[i].texts.question, protobuf.spans[i].texts.question);
    EXPECT_EQ(json.spans[i].texts.answer, protobuf.spans[i].texts.answer);
  }
}

// otel-genai was captured without content.
TEST_P(Captures, KeepTheTextsOfTheCalls) {
  FactSink sink(mapper_);
  read(".binpb", sink);
  const bool has_content = GetParam() != "otel-genai";
  size_t refusals = 0;
  size_t questions = 0;
  size_t cut_off = 0;
  size_t tool_calls = 0;
  for (const auto& [facts, texts] : sink.spans) {
    if (facts.operation() != v1::OPERATION_LLM) {
      continue;
    }
    refusals += texts.answer.value_or("").starts_with("I'm sorry, but I can't help") ? 1 : 0;
    questions += texts.question == "Where is order A-17?" ? 1 : 0;
    tool_calls += texts.has_tool_calls ? 1 : 0;
    if (!texts.answer.value_or("").starts_with("{\"city\"")) continue;
    // The Vercel capture's structured output is whole; its schema stands on the outer span.
    cut_off += GetParam() == "vercel-ai" || texts.answer == "{\"city\":\"Oslo\",\"temp_c\": \"four\"" ? 1 : 0;
  }
  EXPECT_EQ(refusals, has_content ? 1U : 0U);
  EXPECT_EQ(questions, has_content ? 2U : 0U);
  EXPECT_EQ(cut_off, has_content ? 1U : 0U);
  EXPECT_EQ(tool_calls, 1U);
}

INSTANTIATE_TEST_SUITE_P(All, Captures,
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
