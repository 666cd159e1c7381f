#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "stream/assemble/request.h"
#include "stream/ingest/mapping/span_mapper.h"
#include "stream/ingest/otlp_decoder.h"

namespace tidewatch {
namespace {

using nlohmann::json;

/// Null where the object has none: the exports leave fields out.
const json& field(const json& object, const char* name) {
  static const json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

/// An attribute value as SDKs send it: texts, lists of texts, everything structured as JSON text.
json otlp_value(const json& value) {
  if (value.is_string()) return {{"stringValue", value}};
  if (value.is_boolean()) return {{"boolValue", value}};
  if (value.is_number_integer()) return {{"intValue", value}};
  if (value.is_number()) return {{"doubleValue", value}};
  const bool is_text_list =
      value.is_array() && std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); });
  if (!is_text_list) return {{"stringValue", value.dump()}};
  json items = json::array();
  for (const auto& item : value) items.push_back(otlp_value(item));
  return {{"arrayValue", {{"values", items}}}};
}

/// What the instrumentation of an observation set. Spans of Langfuse's own SDK are shown without attributes: they are
/// written as that SDK writes them.
json attributes_of(const json& observation) {
  const json& metadata = field(observation, "metadata");
  if (metadata.is_object() && metadata.contains("attributes")) return metadata["attributes"];
  json out = json::object();
  std::string type = field(observation, "type");
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  out["langfuse.observation.type"] = type;
  for (const auto* name : {"input", "output"})
    if (!field(observation, name).is_null())
      out[fmt::format("langfuse.observation.{}", name)] = field(observation, name);
  if (!field(observation, "model").is_null()) out["langfuse.observation.model.name"] = field(observation, "model");
  if (field(observation, "usageDetails").is_object() && !field(observation, "usageDetails").empty())
    out["langfuse.observation.usage_details"] = field(observation, "usageDetails").dump();
  if (metadata.is_object())
    for (const auto& [key, value] : metadata.items())
      if (key != "resourceAttributes" && key != "scope") out["langfuse.observation.metadata." + key] = value;
  return out;
}

json otlp_request(const json& observation, size_t number) {
  json attributes = json::array();
  const json stated = attributes_of(observation);
  for (const auto& [key, value] : stated.items())
    if (!value.is_null()) attributes.push_back({{"key", key}, {"value", otlp_value(value)}});
  json span = {{"traceId", "0af7651916cd43dd8448eb211c80319c"},
               {"spanId", fmt::format("{:016x}", number + 1)},
               {"name", field(observation, "name")},
               {"startTimeUnixNano", "1760000000000000000"},
               {"endTimeUnixNano", "1760000001000000000"},
               {"attributes", attributes}};
  const json& parent = field(observation, "parentObservationId");
  if (!parent.is_null()) span["parentSpanId"] = "00000000000000ff";
  std::string scope;
  if (const json& metadata = field(observation, "metadata"); metadata.is_object() && metadata.contains("scope"))
    scope = metadata["scope"].value("name", "");
  return {{"resourceSpans", {{{"scopeSpans", {{{"scope", {{"name", scope}}}, {"spans", {span}}}}}}}}};
}

class OneSpan final : public OtlpSink {
 public:
  explicit OneSpan(SpanMapper& mapper) : mapper_(mapper) {}
  void on_span(const OtlpAttributes& resource, const OtlpScope& scope, const OtlpSpan& span) override {
    found = mapper_.map(resource, scope, span, facts);
    ++spans;
  }
  void on_log(const OtlpAttributes&, const OtlpScope&, const OtlpLog&) override {}
  void on_bad(const Error& reason, std::string_view) override { ADD_FAILURE() << reason.message; }

  v1::SpanFacts facts;
  SpanMapper::Found found;
  int spans = 0;

 private:
  SpanMapper& mapper_;
};

/// Langfuse's own classification of the observation; nothing for "SPAN", which it makes of what it does not know.
std::optional<v1::Operation> operation_of(const std::string& type) {
  if (type == "GENERATION") return v1::OPERATION_LLM;
  if (type == "TOOL") return v1::OPERATION_TOOL;
  if (type == "AGENT" || type == "CHAIN") return v1::OPERATION_AGENT;
  return std::nullopt;
}

/// Langfuse estimates counts that no attribute states, with a tokenizer of its own: nothing to compare with.
bool states_tokens(const json& attributes) {
  for (const auto& [key, value] : attributes.items())
    if (key.find("token_count.prompt") != std::string::npos || key.find("usage") != std::string::npos) return true;
  return false;
}

struct Sample {
  const char* file;
  int operations;  ///< observations whose operation Langfuse knew
  int models;      ///< with a model
  int tokens;      ///< with token counts in their own attributes
  int questions;   ///< model calls with content whose question is found
  int tools;       ///< tool executions
};

class Frameworks : public ::testing::TestWithParam<Sample> {};

TEST_P(Frameworks, OperationModelAndTokensAreWhatLangfuseShows) {
  const auto& sample = GetParam();
  std::ifstream in(fmt::format("{}/samples/langfuse-traces/{}", TIDEWATCH_SHARED_DIR, sample.file));
  const json trace = json::parse(in);
  SpanMapper mapper(DialectTable::embedded().value());
  OtlpDecoder decoder;
  Sample seen{sample.file, 0, 0, 0, 0, 0};
  size_t number = 0;
  for (const json& observation : trace["observations"]) {
    SCOPED_TRACE(field(observation, "name").dump());
    const std::string request = otlp_request(observation, number++).dump();
    OneSpan one(mapper);
    ASSERT_TRUE(decoder.decode_traces(request, one));
    ASSERT_EQ(one.spans, 1);
    const auto& facts = one.facts;
    if (const auto operation = operation_of(field(observation, "type"))) {
      EXPECT_EQ(v1::Operation_Name(facts.operation()), v1::Operation_Name(*operation));
      ++seen.operations;
    }
    if (field(observation, "model").is_string() && field(observation, "model") != "unknown") {
      EXPECT_TRUE(facts.response_model() == field(observation, "model") ||
                  facts.request_model() == field(observation, "model"))
          << facts.request_model() << " " << facts.response_model();
      ++seen.models;
    }
    const json& usage = field(observation, "usageDetails");
    if (usage.is_object() && usage.value("input", 0) > 0 && states_tokens(attributes_of(observation))) {
      EXPECT_EQ(facts.input_tokens(), usage["input"].get<uint64_t>());
      EXPECT_EQ(facts.output_tokens(), usage.value("output", uint64_t{0}));
      ++seen.tokens;
    }
    if (facts.operation() == v1::OPERATION_LLM && !one.found.texts.question.empty()) ++seen.questions;
    if (facts.operation() == v1::OPERATION_TOOL) ++seen.tools;
  }
  EXPECT_EQ(seen.operations, sample.operations);
  EXPECT_EQ(seen.models, sample.models);
  EXPECT_EQ(seen.tokens, sample.tokens);
  EXPECT_EQ(seen.questions, sample.questions);
  EXPECT_EQ(seen.tools, sample.tools);
}

// The provider's own counts stand in the response that agno records; the nested Langfuse generations confirm them.
TEST(FrameworkUsage, OfARecordedResponseIsRead) {
  std::ifstream in(std::string(TIDEWATCH_SHARED_DIR) + "/samples/langfuse-traces/agno-2025-06-11.json");
  const json trace = json::parse(in);
  SpanMapper mapper(DialectTable::embedded().value());
  OtlpDecoder decoder;
  std::multiset<std::pair<uint64_t, uint64_t>> usages;
  for (const json& observation : trace["observations"]) {
    if (field(observation, "name") != "OpenAIChat.invoke") continue;
    const std::string request = otlp_request(observation, 0).dump();
    OneSpan one(mapper);
    ASSERT_TRUE(decoder.decode_traces(request, one));
    usages.emplace(one.facts.input_tokens(), one.facts.output_tokens());
    EXPECT_EQ(one.facts.finish_reasons_size(), 1);
  }
  EXPECT_EQ(usages, (std::multiset<std::pair<uint64_t, uint64_t>>{{663, 225}, {163, 20}}));
}

/// The spans of a capture with their own ids, as a trace holds them; `silent`: its call states no usage.
std::vector<TraceSpan> spans_of(const std::string& file, const std::string& silent = {}) {
  std::ifstream in(fmt::format("{}/samples/langfuse-traces/{}", TIDEWATCH_SHARED_DIR, file));
  const json trace = json::parse(in);
  SpanMapper mapper(DialectTable::embedded().value());
  OtlpDecoder decoder;
  std::vector<TraceSpan> out;
  for (const json& observation : trace["observations"]) {
    OneSpan one(mapper);
    EXPECT_TRUE(decoder.decode_traces(otlp_request(observation, out.size()).dump(), one));
    one.facts.set_span_id(observation["id"].get<std::string>());
    const json& parent = field(observation, "parentObservationId");
    one.facts.set_parent_span_id(parent.is_null() ? "" : parent.get<std::string>());
    if (one.facts.span_id() == silent) {
      one.facts.clear_input_tokens();
      one.facts.clear_output_tokens();
    }
    out.push_back({one.facts, {}});
  }
  return out;
}

std::pair<double, double> tokens_of(const std::vector<TraceSpan>& spans) {
  std::pair<double, double> out;
  for (const Call& call : assemble_request("t", spans).calls) {
    out.first += call.usage.input_tokens.value_or(0);
    out.second += call.usage.output_tokens.value_or(0);
  }
  return out;
}

// Pydantic AI's agents state the sum of their calls: what a call does not state is the rest of it.
TEST(FrameworkUsage, CountsOnceAlsoWhereACallIsSilent) {
  const std::string file = "pydantic-ai-tools-2025-12-04.json";
  const auto spans = spans_of(file);
  const std::pair<double, double> all{502 + 417 + 265 + 131, 14 + 53 + 73 + 69};
  EXPECT_EQ(tokens_of(spans), all);
  int calls = 0;
  for (const auto& span : spans) {
    if (span.facts.operation() != v1::OPERATION_LLM) continue;
    ++calls;
    EXPECT_EQ(tokens_of(spans_of(file, span.facts.span_id())), all) << span.facts.span_id();
  }
  EXPECT_EQ(calls, 4);
}

// Microsoft's Agent Framework repeats its first call: that says nothing of the second, which states none.
TEST(FrameworkUsage, AnAgentThatRepeatsOneCallAddsNothing) {
  EXPECT_EQ(tokens_of(spans_of("microsoft-agent-2025-10-14.json")), (std::pair<double, double>{631, 35}));
}

INSTANTIATE_TEST_SUITE_P(All, Frameworks,
                         ::testing::Values(Sample{"agno-2025-06-11.json", 4, 4, 2, 4, 1},
                                           Sample{"autogen-2025-06-06.json", 1, 1, 1, 1, 0},
                                           Sample{"beeai-2025-08-01.json", 5, 5, 0, 3, 3},
                                           Sample{"google-adk-2025-08-28.json", 5, 2, 2, 2, 1},
                                           Sample{"google-gemini-2025-08-01.json", 1, 1, 1, 1, 0},
                                           Sample{"google-vertex-tools-langchain-2025-09-19.json", 1, 1, 0, 1, 0},
                                           Sample{"koog-2025-08-26.json", 4, 3, 0, 2, 2},
                                           Sample{"langgraph-2025-08-22.json", 2, 2, 2, 2, 0},
                                           Sample{"llamaindex-2025-06-05.json", 1, 1, 1, 1, 0},
                                           Sample{"microsoft-agent-2025-10-14.json", 4, 2, 2, 0, 1},
                                           Sample{"openai-agents-2025-09-30.json", 5, 2, 2, 2, 1},
                                           Sample{"openai-assistants-2024-05-29.json", 1, 1, 1, 1, 0},
                                           Sample{"pydantic-ai-tools-2025-12-04.json", 7, 4, 4, 0, 3}),
                         [](const auto& param) {
                           std::string name(param.param.file, std::string_view(param.param.file).find("-20"));
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace tidewatch
