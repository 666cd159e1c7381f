// The evaluate stage against a real Apache Kafka: texts are read again where the spans lie, every chosen request is
// judged once, whatever is killed, and those chosen are the ones that `tidewatch evaluate` chooses from files.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "fake_model/fake_model_server.h"
#include "kafka/flow/flow_cluster.h"

namespace tidewatch::kafka_test {
namespace {

using nlohmann::json;

constexpr std::string_view kSampling = R"(sampling:
  random: 10%
  strata: [endpoint]
  min_per_stratum: 12
  budget: 240
validators:
  short: {check: length, max_characters: 300}
  clean: {check: secrets}
)";

gen::GenOptions traffic() {
  gen::GenOptions options;
  options.scenario = "model-update";
  options.hours = 2;
  options.history = 1;
  options.rate = 12;
  options.seed = 5;
  return options;
}

/// What evaluations say, by id, without the time, which files take from the request and Kafka from its clock.
using Evaluations = std::map<std::string, json>;

/// Those of others are on the topic too. A second one of an id is a failure.
Evaluations evaluations_of(const std::vector<std::string>& values) {
  Evaluations out;
  for (const std::string& value : values) {
    json one = json::parse(value);
    if (!one.value("evaluator", "").starts_with("tidewatch/")) continue;
    one.erase("time");
    const std::string id = one.at("id");
    EXPECT_TRUE(out.emplace(id, std::move(one)).second) << id << " twice";
  }
  return out;
}

class KafkaEvaluateTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const FlowCluster cluster_{broker_, unique_name("evaluate")};

  Evaluations published() const {
    std::vector<std::string> values;
    for (const auto& record : broker_.read_all(cluster_.topic(Stream::evaluations))) values.push_back(record.value);
    return evaluations_of(values);
  }
  Evaluations of_files(const FlowMessages& messages) const {
    std::map<std::string, std::ofstream> files;
    std::vector<std::string> arguments = {"evaluate", "--config", cluster_.config_file().string(), "--out",
                                          (cluster_.folder() / "of-files.jsonl").string()};
    for (const FlowMessage& message : messages.messages) {
      const std::string option = message.stream == Stream::traces     ? "--spans"
                                 : message.stream == Stream::logs     ? "--logs"
                                 : message.stream == Stream::feedback ? "--feedback"
                                                                      : "";
      if (option.empty()) continue;
      const std::string path =
          cluster_.folder() / fmt::format("{}-{}.jsonl", option.substr(2), message.record.partition);
      auto [file, is_new] = files.try_emplace(path);
      if (is_new) {
        file->second.open(path);
        arguments.insert(arguments.end(), {option, path});
      }
      file->second << message.json << '\n';
    }
    for (auto& [path, file] : files) file.close();
    ChildProcess process(TIDEWATCH_PROGRAM, arguments, (cluster_.folder() / "of-files.log").string());
    EXPECT_EQ(process.wait(), 0);
    std::vector<std::string> lines;
    std::ifstream in(cluster_.folder() / "of-files.jsonl");
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return evaluations_of(lines);
  }
};

TEST_F(KafkaEvaluateTest, JudgesWhatEvaluateJudgesFromFilesThoughProcessesAreKilled) {
  cluster_.write_config(cluster_.config(broker_.brokers(), std::string(kSampling)));
  const FlowMessages sent = flow_messages(traffic());
  const auto half = sent.messages.begin() + static_cast<std::ptrdiff_t>(sent.messages.size() / 2);
  ChildProcess first = cluster_.run("one");
  cluster_.produce(sent.messages.begin(), half);
  ASSERT_TRUE(eventually([&] { return published().size() > 20; })) << cluster_.log("one");
  first.send(SIGKILL);
  first.wait();
  ChildProcess second = cluster_.run("two");
  cluster_.produce(half, sent.messages.end());

  const Evaluations expected = of_files(sent);
  ASSERT_GT(expected.size(), 100u);
  Evaluations found;
  EXPECT_TRUE(eventually([&] {
    found = published();
    return found.size() >= expected.size();
  })) << found.size()
      << " of " << expected.size() << "\n"
      << cluster_.log("two");
  EXPECT_EQ(second.terminate(), 0) << cluster_.log("two");
  found = published();
  for (const auto& [id, one] : expected) {
    if (!found.contains(id))
      ADD_FAILURE() << "missing " << one.dump();
    else
      EXPECT_EQ(found.at(id), one);
  }
  for (const auto& [id, one] : found) EXPECT_TRUE(expected.contains(id)) << "only in Kafka: " << one.dump();
}

TEST_F(KafkaEvaluateTest, AModelJudgesTooThoughItFailsAtTimes) {
  std::atomic<int> calls = 0;
  const fake_model::FakeModelServer model([&](const fake_model::FakeCall&) -> fake_model::FakeReply {
    const int call = ++calls;
    if (call % 7 == 0) return fake_model::fails(503);
    return fake_model::says(R"({"reason": "to the point", "score": 4})");
  });
  cluster_.write_config(cluster_.config(broker_.brokers(), fmt::format(R"(sampling: {{random: 5%}}
judge: {{url: {}, model: fake-model, backoff: 50ms, calls_per_hour: 0}}
judges: {{relevance: {{rubric: relevance}}}}
)",
                                                                       model.url())));
  const FlowMessages sent = flow_messages(traffic());
  ChildProcess process = cluster_.run("one");
  cluster_.produce(sent.messages.begin(), sent.messages.end());
  std::map<std::string, json> judged;
  const auto read = [&] {
    judged.clear();
    for (const auto& record : broker_.read_all(cluster_.topic(Stream::evaluations))) {
      json one = json::parse(record.value);
      if (!one.value("evaluator", "").starts_with("fake-model/relevance@")) continue;
      const std::string id = one.at("id");
      EXPECT_TRUE(judged.emplace(id, std::move(one)).second) << id << " twice";
    }
    return judged.size();
  };
  EXPECT_TRUE(eventually([&] { return read() >= 60; })) << cluster_.log("one");
  EXPECT_EQ(process.terminate(), 0) << cluster_.log("one");
  for (const auto& [id, one] : judged) {
    EXPECT_EQ(one.at("passed"), true);
    const double probability = one.value("inclusion_probability", 0.0);
    if (one.at("name") == "relevance") {
      EXPECT_TRUE(probability == 0.05 || probability == 1) << one.dump() << ": by chance, or reported by a user";
    } else {
      EXPECT_EQ(one.at("name"), "relevance_outside_sample") << one.dump();
      EXPECT_EQ(probability, 0);
    }
  }
  EXPECT_GT(calls, 60);
}

}  // namespace
}  // namespace tidewatch::kafka_test
