// The stage notify against a real Apache Kafka: what is on the topics reaches the sinks, whatever is killed or away,
// and nobody is told twice of what was committed as told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "fake_model/fake_model_server.h"
#include "kafka/flow/flow_cluster.h"
#include "stream/publish/encoder.h"
#include "stream/publish/timestamps.h"
#include "tidewatch/v1/dead_letter.pb.h"
#include "tidewatch/v1/incident.pb.h"

namespace tidewatch::kafka_test {
namespace {

using fake_model::FakeCall;
using fake_model::FakeModelServer;
using fake_model::FakeReply;
using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// A sink that counts what it has taken.
class TestSink {
 public:
  std::string url() const { return server_.url(); }
  void answer(int status) { status_ = status; }
  /// "a fired", ...
  std::vector<std::string> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  /// Of each alert the transition it was told last.
  std::map<std::string, std::string> last() const {
    std::map<std::string, std::string> out;
    for (const std::string& one : taken()) out[one.substr(0, one.find(' '))] = one.substr(one.find(' ') + 1);
    return out;
  }
  std::set<std::string> keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  size_t calls() const { return server_.calls().size(); }

 private:
  FakeReply take(const FakeCall& call) {
    const json data = json::parse(call.body).at("data");
    const std::string id = data.at("id");
    const int status = id == "poison" ? 422 : status_.load();
    const std::lock_guard lock(mutex_);
    if (status == 200) {
      taken_.push_back(id + " " + data.at("transition").get<std::string>());
      keys_.insert(call.headers.at("webhook-id"));
    }
    return {.status = status, .body = "{}", .headers = {}};
  }

  mutable std::mutex mutex_;
  std::vector<std::string> taken_;
  std::set<std::string> keys_;
  std::atomic<int> status_{200};
  FakeModelServer server_{[this](const FakeCall& call) { return take(call); }};
};

class KafkaNotifyTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const FlowCluster cluster_{broker_, unique_name("notify")};
  TestSink programs_;
  TestSink people_;

  void SetUp() override {
    cluster_.write_config(cluster_.config(
        broker_.brokers(),
        "sinks:\n  programs: {type: webhook, per_minute: 0, backoff: 100ms, longest_wait: 1s, breaker_open: 1s, "
        "breaker_longest: 1s, url: \"" +
            programs_.url() + "\"}\n  people: {type: webhook, send: incidents, url: \"" + people_.url() + "\"}\n"));
  }
  void alert(const std::string& id, const std::string& transition) {
    v1::Alert out;
    out.set_id(id);
    out.set_incident_id("i");
    out.set_state(transition == "resolved" ? "resolved" : "firing");
    out.set_transition(transition);
    out.set_severity("ticket");
    (*out.mutable_labels())["service"] = "shop";
    *out.mutable_observed_at() = to_proto(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
    broker_.produce(cluster_.topic(Stream::alerts), {{.key = id, .value = encode(out, WireFormat::json)}});
  }
  void incident(const std::string& id, const std::string& transition) {
    v1::Incident out;
    out.set_id(id);
    out.set_state(transition == "resolved" ? "resolved" : "open");
    out.set_transition(transition);
    *out.mutable_at() = to_proto(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
    broker_.produce(cluster_.topic(Stream::incidents), {{.key = id, .value = encode(out, WireFormat::protobuf)}});
  }
  std::vector<std::string> dead_letters() {
    std::vector<std::string> out;
    for (const auto& record : broker_.read_all(cluster_.topic(Stream::dead_letter))) {
      const json letter = json::parse(record.value);
      if (letter.at("stage") == "notify") out.push_back(letter.at("reason").get<std::string>());
    }
    return out;
  }
  /// Nothing waits in the state of the stage.
  bool is_all_settled() {
    std::map<std::string, std::string> state;
    for (const auto& record : broker_.read_all(cluster_.topic(Stream::state))) state[record.key] = record.value;
    return std::all_of(state.begin(), state.end(), [](const auto& one) {
      return !one.first.starts_with("notify/") || one.first.ends_with("/began") || one.second.empty();
    });
  }
};

TEST_F(KafkaNotifyTest, WhatIsOnTheTopicsReachesTheSinksThoughTheyAndProcessesAreAway) {
  alert("before", "fired");
  alert("before", "resolved");
  alert("a", "fired");
  incident("i", "opened");
  ChildProcess first = cluster_.run("one");
  ASSERT_TRUE(eventually([&] { return !programs_.taken().empty() && !people_.taken().empty(); }))
      << cluster_.log("one");
  EXPECT_THAT(programs_.taken(), UnorderedElementsAre("a fired")) << "what was over before was told to nobody";
  EXPECT_THAT(people_.taken(), UnorderedElementsAre("i opened"));

  programs_.answer(503);
  for (int i = 0; i < 30; ++i) alert("b" + std::to_string(i), "fired");
  const size_t calls = programs_.calls();
  ASSERT_TRUE(eventually([&] { return programs_.calls() > calls + 3; })) << cluster_.log("one");
  first.send(SIGKILL);
  first.wait();
  for (int i = 0; i < 15; ++i) alert("b" + std::to_string(i), "resolved");
  alert("poison", "fired");
  incident("i", "joined");
  programs_.answer(200);
  ChildProcess second = cluster_.run("two");
  std::map<std::string, std::string> expected = {{"a", "fired"}};
  for (int i = 0; i < 30; ++i) expected["b" + std::to_string(i)] = i < 15 ? "resolved" : "fired";
  EXPECT_TRUE(eventually([&] { return programs_.last() == expected; }, std::chrono::seconds(120)))
      << ::testing::PrintToString(programs_.taken()) << cluster_.log("two");
  EXPECT_TRUE(eventually([&] { return people_.taken().size() == 2; })) << cluster_.log("two");
  EXPECT_EQ(programs_.keys().size(), programs_.taken().size()) << "nothing that was committed was told twice";
  EXPECT_TRUE(eventually([&] { return dead_letters() == std::vector<std::string>{"sink_refused"}; }));

  alert("a", "resolved");
  alert("poison", "resolved");
  incident("i", "resolved");
  for (int i = 15; i < 30; ++i) alert("b" + std::to_string(i), "resolved");
  EXPECT_TRUE(eventually([&] { return is_all_settled(); })) << cluster_.log("two");
  EXPECT_THAT(programs_.taken(), Contains("a resolved").Times(1));
  EXPECT_THAT(people_.taken(), Contains("i resolved").Times(1));
  EXPECT_EQ(second.terminate(), 0) << cluster_.log("two");
}

TEST_F(KafkaNotifyTest, SinksTestSaysWhatTheSinkAnswers) {
  const auto run = [&](const std::string& name) {
    const auto log = cluster_.folder() / "command.log";
    std::filesystem::remove(log);
    ChildProcess process(TIDEWATCH_PROGRAM, {"sinks", "test", name, "--config", cluster_.config_file().string()},
                         log.string());
    return process.wait();
  };
  EXPECT_EQ(run("programs"), 0) << cluster_.log("command");
  EXPECT_THAT(cluster_.log("command"), HasSubstr("firing   told: 200"));
  EXPECT_EQ(programs_.taken().size(), 2u);
  people_.answer(403);
  EXPECT_EQ(run("people"), 1);
  EXPECT_THAT(cluster_.log("command"), HasSubstr("refused (would be a dead letter): http_403"));
  EXPECT_EQ(run("nobody"), 64);
  EXPECT_THAT(cluster_.log("command"), HasSubstr("there are programs, people"));
}

}  // namespace
}  // namespace tidewatch::kafka_test
