// What the README tells a newcomer to do on a Kafka: its five-line config and its `doctor` and `run`, word for word.
// Its other commands are executed by tests/checks/readme_commands.sh.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kafka/child_process.h"
#include "kafka/kafka_broker.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/otlp/v1/trace.pb.h"

namespace tidewatch::kafka_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Lines of all blocks fenced with ```language, without the indentation of the fence; an empty line after each block.
std::vector<std::string> fenced(const std::string& language) {
  std::vector<std::string> out;
  std::ifstream readme(std::string(TIDEWATCH_SOURCE_DIR) + "/README.md");
  size_t indent = std::string::npos;  // npos: outside
  for (std::string line; std::getline(readme, line);) {
    const auto fence = line.find("```");
    if (indent == std::string::npos) {
      if (fence != std::string::npos && line.substr(fence) == "```" + language) indent = fence;
    } else if (fence == indent) {
      indent = std::string::npos;
      out.emplace_back();
    } else {
      out.push_back(line.size() > indent ? line.substr(indent) : "");
    }
  }
  return out;
}

std::string first_config() {
  std::string out;
  for (const auto& line : fenced("yaml")) {
    if (line.empty()) break;
    out += line + "\n";
  }
  return out;
}

/// The README's one command that begins so, without its comment.
std::string command(const std::string& begin) {
  std::vector<std::string> found;
  for (const auto& line : fenced("sh"))
    if (line.starts_with(begin)) found.push_back(line.substr(0, line.find(" #")));
  if (found.size() != 1) throw std::runtime_error(fmt::format("README.md has {} commands {}", found.size(), begin));
  return found.front();
}

class ReadmeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::create_symlink(TIDEWATCH_PROGRAM, folder_ / "tidewatch");
    std::string config = first_config();
    ASSERT_THAT(config, StartsWith("kafka: {brokers: [localhost:9092]}\n"));
    config.replace(config.find("localhost:9092"), 14, "\"" + broker_.brokers() + "\"");
    std::ofstream(folder_ / "tidewatch.yaml") << config << "http: {port: 0}\n";  // the usual one may be taken here
  }
  void TearDown() override {
    if (!HasFailure()) fs::remove_all(folder_);
  }

  /// As in a shell in the folder of the config, with tidewatch in the PATH.
  ChildProcess shell(const std::string& line, const std::string& log) const {
    return {"/bin/bash",
            {"-c", fmt::format("cd '{0}' && PATH='{0}':$PATH && exec {1}", folder_.string(), line)},
            folder_ / log};
  }
  std::string log(const std::string& name) const { return text_of(folder_ / name); }

  /// By service.
  std::map<std::string, double> requests_sent() {
    std::map<std::string, double> out;
    for (const auto& record : broker_.read_all("otlp_spans")) {
      otlp::v1::TracesData message;
      EXPECT_TRUE(message.ParseFromString(record.value));
      for (const auto& resource : message.resource_spans())
        for (const auto& scope : resource.scope_spans())
          for (const auto& span : scope.spans())
            if (span.parent_span_id().empty())
              ++out[resource.resource().attributes(0).value().string_value()];  // service.name comes first
    }
    return out;
  }
  std::map<std::string, double> requests_scored() {
    std::map<std::string, double> out;
    for (const auto& record : broker_.read_all("tidewatch.quality-scores")) {
      const auto score = nlohmann::json::parse(record.value);
      if (score.at("labels").size() != 1) continue;
      for (const auto& measure : score.at("measures"))
        if (measure.at("measure") == "requests") out[score.at("labels").at("service")] += measure.value("value", 0.0);
    }
    return out;
  }

  KafkaBroker& broker_ = KafkaBroker::instance();
  const fs::path folder_ = fs::path(TIDEWATCH_BINARY_DIR) / "kafka-readme";
};

TEST_F(ReadmeTest, DoctorCreatesTheTopicsAndRunScoresEveryRequest) {
  ASSERT_EQ(shell(command("tidewatch doctor"), "doctor.log").wait(), 0) << log("doctor.log");
  EXPECT_THAT(log("doctor.log"), HasSubstr("otlp_spans"));

  // An hour of traffic that ended so long ago that all its windows close.
  const auto end =
      std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now()) - std::chrono::minutes(10);
  const std::string gen = fmt::format(
      "tidewatch gen --scenario outage --hours 1 --history 0 --config tidewatch.yaml --out traffic --end {}",
      rfc3339(std::chrono::time_point_cast<Duration>(end)));
  ASSERT_EQ(shell(gen, "gen.log").wait(), 0) << log("gen.log");
  ASSERT_EQ(shell(command("tidewatch doctor"), "again.log").wait(), 0)
      << "nothing is left to mend: " << log("again.log");
  EXPECT_THAT(log("again.log"), HasSubstr("otel-genai"));

  ChildProcess run = shell(command("tidewatch run"), "run.log");
  const auto sent = requests_sent();
  ASSERT_EQ(sent.size(), 3U);
  std::map<std::string, double> scored;
  EXPECT_TRUE(eventually([&] {
    scored = requests_scored();
    return scored == sent;
  })) << testing::PrintToString(scored)
      << " of " << testing::PrintToString(sent) << "\n"
      << log("run.log");
  EXPECT_EQ(run.terminate(), 0) << log("run.log");
}

}  // namespace
}  // namespace tidewatch::kafka_test
