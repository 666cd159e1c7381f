// A service with a real OpenAI client under OpenTelemetry's own GenAI instrumentation (python/service.py) against a
// fake model server, spans and log records on Kafka, and the real `tidewatch run`: what comes of them, number by
// number.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "kafka/child_process.h"
#include "kafka/kafka_broker.h"
#include "stream/runtime/record.h"

namespace tidewatch::kafka_test {
namespace {

namespace fs = std::filesystem;

/// A measure summed over the windows of an entity.
struct Total {
  double n = 0;    ///< observations
  double sum = 0;  ///< of a share: how many of n; of a sum: the sum; of a distribution: of all values
};
using Totals = std::map<std::string, Total>;        ///< by measure
using Labels = std::map<std::string, std::string>;  ///< an entity
const std::set<std::string> kSums = {"requests",      "llm_calls",     "tool_calls",      "input_tokens",
                                     "output_tokens", "cached_tokens", "reasoning_tokens"};

/// What of python/service.py's PLAN has to be measured whether texts are recorded or not. 50 requests: 5 fail; 56 model
/// calls, since the 6 that call a tool call the model twice. A chat call that succeeds (46) has 400 input (250 cached)
/// and 11 output tokens, a call of the Responses API (5) 300 (100 cached) and 21 (8 of reasoning), an embedding (3) 7.
const std::map<std::string, std::pair<double, double>> kAlways = {
    // measure, n, sum
    {"requests", {50, 50}},
    {"llm_calls", {56, 56}},
    {"tool_calls", {6, 6}},
    {"error_rate", {50, 5}},
    {"llm_error_rate", {56, 5}},
    {"rate_limited_rate", {56, 3}},
    {"tool_error_rate", {6, 0}},
    {"input_tokens", {54, 46 * 400 + 5 * 300 + 3 * 7}},
    {"output_tokens", {51, 46 * 11 + 5 * 21}},
    {"cached_tokens", {51, 46 * 250 + 5 * 100}},
    {"reasoning_tokens", {5, 5 * 8}},
    {"truncation_rate", {45, 2}},
};
/// And of the texts: 45 requests have a last answer; 5 decline, 2 are cut off and so not of the declared schema.
const std::map<std::string, std::pair<double, double>> kWithTexts = {
    {"refusal_rate", {45, 5}}, {"schema_mismatch_rate", {2, 2}}, {"soft_error_rate", {45, 2}},
    {"empty_rate", {45, 0}},   {"hedging_rate", {45, 0}},        {"answer_length", {45, 38 * 66 + 5 * 46 + 2 * 32}},
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string python() {
  const std::string script = std::string(TIDEWATCH_SOURCE_DIR) + "/tests/kafka/python/environment.sh";
  FILE* pipe = ::popen(script.c_str(), "r");
  std::array<char, 4096> line{};
  std::string out = pipe != nullptr && std::fgets(line.data(), line.size(), pipe) != nullptr ? line.data() : "";
  if (pipe == nullptr || ::pclose(pipe) != 0 || out.empty()) throw std::runtime_error(script + " failed");
  return out.substr(0, out.find('\n'));
}

class OpenAiTest : public ::testing::Test {
 protected:
  /// Services with texts in span attributes, in log records, and nowhere.
  static constexpr const char* kInSpans = "texts-in-spans";
  static constexpr const char* kInLogs = "texts-in-logs";
  static constexpr const char* kNoTexts = "no-texts";

  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::string topics;
    for (int i = 0; i < kStreamCount; ++i) {
      const auto stream = static_cast<Stream>(i);
      broker_.create_topic(topic(stream), stream == Stream::traces ? 3 : 2,
                           stream == Stream::state || stream == Stream::alerts_state
                               ? std::map<std::string, std::string>{{"cleanup.policy", "compact"}}
                               : std::map<std::string, std::string>{});
      topics += fmt::format("  {}: {}\n", name_of(stream), topic(stream));
    }
    // Small windows that close soon, and everything else as it is by default.
    std::ofstream(folder_ / "tidewatch.yaml") << fmt::format(
        "kafka: {{brokers: [\"{}\"], group_prefix: {}}}\ntopics:\n{}"
        "time: {{pane: 5s, out_of_order: 1s}}\nscores: {{window: 5s}}\n"
        "trace: {{quiet: 1s, timeout: 5s, join_horizon: 30s}}\nidle: {{after: 2s, allowance: 3s}}\n"
        "http: {{port: 0}}\n",
        broker_.brokers(), name_, topics);
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  std::string topic(Stream stream) const { return fmt::format("{}.{}", name_, name_of(stream)); }

  ChildProcess serve(const std::string& service, const std::string& capture) {
    std::vector<std::string> arguments;
    if (!capture.empty()) arguments.push_back("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=" + capture);
    for (const std::string& argument :
         {python_, std::string(TIDEWATCH_SOURCE_DIR) + "/tests/kafka/openai/python/service.py", broker_.brokers(),
          topic(Stream::traces), topic(Stream::logs), service})
      arguments.push_back(argument);
    return {"/usr/bin/env", arguments, folder_ / (service + ".log")};
  }
  void serve_all() {
    ChildProcess in_spans = serve(kInSpans, "span_only");
    ChildProcess in_logs = serve(kInLogs, "event_only");
    ChildProcess nowhere = serve(kNoTexts, "");
    ASSERT_EQ(in_spans.wait(), 0) << text_of(folder_ / (std::string(kInSpans) + ".log"));
    ASSERT_EQ(in_logs.wait(), 0) << text_of(folder_ / (std::string(kInLogs) + ".log"));
    ASSERT_EQ(nowhere.wait(), 0) << text_of(folder_ / (std::string(kNoTexts) + ".log"));
  }

  void read_scores() {
    totals_.clear();
    for (const auto& record : broker_.read_all(topic(Stream::quality_scores))) {
      const auto score = nlohmann::json::parse(record.value);
      auto& entity = totals_[score.at("labels").get<Labels>()];
      for (const auto& measure : score.at("measures")) {
        const std::string name = measure.at("measure");
        const double n = measure.value("n", 0.0);
        const double value = measure.value("value", 0.0);
        entity[name].n += n;
        entity[name].sum += kSums.contains(name) ? value : value * n;
      }
    }
  }
  double requests_of(const std::string& service) { return totals_[{{"service", service}}]["requests"].sum; }
  /// Every window that any request fell into has been scored.
  bool is_complete() {
    read_scores();
    return requests_of(kInSpans) >= 50 && requests_of(kInLogs) >= 50 && requests_of(kNoTexts) >= 50;
  }
  void expect(const Labels& entity, const std::string& measure, double n, double sum) {
    const auto name = fmt::format("{} of {}", measure, nlohmann::json(entity).dump());
    ASSERT_TRUE(totals_.contains(entity)) << name;
    EXPECT_NEAR(totals_[entity][measure].n, n, 1e-6) << name;
    EXPECT_NEAR(totals_[entity][measure].sum, sum, 1e-6) << name;
  }

  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string name_ = unique_name("openai");
  const fs::path folder_ = fs::path(TIDEWATCH_BINARY_DIR) / "kafka-openai" / name_;
  const std::string python_ = python();
  std::map<Labels, Totals> totals_;
};

TEST_F(OpenAiTest, EveryCallOfAnInstrumentedClientIsMeasuredAsItWas) {
  ASSERT_NO_FATAL_FAILURE(serve_all());
  EXPECT_GT(broker_.read_all(topic(Stream::logs)).size(), 0U) << "texts came as log records";
  ChildProcess engine(TIDEWATCH_PROGRAM, {"run", "--config", folder_ / "tidewatch.yaml", "--instance", "one"},
                      folder_ / "tidewatch.log");
  EXPECT_TRUE(eventually([&] { return is_complete(); })) << text_of(folder_ / "tidewatch.log");
  EXPECT_EQ(engine.terminate(), 0);
  read_scores();

  for (const char* service : {kInSpans, kInLogs, kNoTexts}) {
    const Labels whole = {{"service", service}};
    for (const auto& [measure, expected] : kAlways) expect(whole, measure, expected.first, expected.second);
    EXPECT_EQ(totals_[whole]["time_to_first_token"].n, 5) << "of streamed calls";
    // By endpoint, and by the model that was asked for.
    const Labels chat = {{"service", service}, {"endpoint", "/chat"}, {"model", "gpt-4o-mini"}};
    expect(chat, "requests", 29, 29);
    expect(chat, "llm_error_rate", 29, 5);
    expect(chat, "output_tokens", 24, 24 * 11);
    expect({{"service", service}, {"endpoint", "/orders"}}, "llm_calls", 12, 12);
    expect({{"service", service}, {"endpoint", "/responses"}, {"model", "gpt-4o-mini"}}, "input_tokens", 5, 5 * 300);
  }
  for (const char* service : {kInSpans, kInLogs}) {
    for (const auto& [measure, expected] : kWithTexts)
      expect({{"service", service}}, measure, expected.first, expected.second);
    expect({{"service", service}, {"endpoint", "/chat"}, {"model", "gpt-4o-mini"}}, "refusal_rate", 24, 4);
    expect({{"service", service}, {"endpoint", "/responses"}}, "refusal_rate", 5, 1);
  }
  for (const auto& [measure, expected] : kWithTexts) expect({{"service", kNoTexts}}, measure, 0, 0);
  EXPECT_EQ(broker_.read_all(topic(Stream::dead_letter)).size(), 0U);
}

}  // namespace
}  // namespace tidewatch::kafka_test
