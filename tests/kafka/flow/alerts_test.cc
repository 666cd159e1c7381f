// What people command about alerts, against a real Apache Kafka: by `tidewatch alerts`, through the log, once.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "kafka/flow/flow_cluster.h"

namespace tidewatch::kafka_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

gen::GenOptions traffic() {
  gen::GenOptions options;
  options.scenario = "outage";
  options.hours = 2;
  options.history = 3;
  options.rate = 12;
  options.seed = 5;
  return options;
}

class KafkaAlertsTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const FlowCluster cluster_{broker_, unique_name("alerts")};

  /// Output of a command that must succeed.
  std::string alerts(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "alerts");
    arguments.insert(arguments.end(), {"--config", cluster_.config_file().string()});
    const auto log = cluster_.folder() / "command.log";
    std::filesystem::remove(log);
    ChildProcess process(TIDEWATCH_PROGRAM, arguments, log.string());
    EXPECT_EQ(process.wait(), 0) << cluster_.log("command");
    return cluster_.log("command");
  }
  std::vector<std::string> transitions_of(const std::string& id) const {
    std::vector<std::string> out;
    for (const auto& alert : cluster_.read().alerts)
      if (alert.id() == id) out.push_back(alert.transition());
    return out;
  }
  bool has(const std::string& id, const std::string& transition) const {
    const auto all = transitions_of(id);
    return std::count(all.begin(), all.end(), transition) == 1;
  }
};

TEST_F(KafkaAlertsTest, PeopleAcknowledgeAndSilenceThroughTheLogThoughProcessesAreKilled) {
  const FlowMessages sent = flow_messages(traffic());
  ChildProcess first = cluster_.run("one");
  // Until the outage is found, no faster than it is read: what fires then goes on firing, as nothing comes that could
  // resolve it.
  const auto count = static_cast<std::ptrdiff_t>(sent.messages.size());
  const auto is_read = [&] {
    const size_t scores = cluster_.read().scores.size();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return scores > 0 && cluster_.read().scores.size() == scores;
  };
  std::string firing;
  for (std::ptrdiff_t part = 0; part < 50 && firing.empty(); ++part) {
    cluster_.produce(sent.messages.begin() + count * part / 50, sent.messages.begin() + count * (part + 1) / 50);
    if (part < 25) continue;
    EXPECT_TRUE(eventually(is_read));
    firing = alerts({"list", "--json"});
  }
  ASSERT_NE(firing, "") << cluster_.log("one");
  const std::string first_id = json::parse(firing.substr(0, firing.find('\n')))["id"];
  const auto all = cluster_.read().alerts;
  const v1::Alert alert = *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.id() == first_id; });
  EXPECT_EQ(alert.incident_id().size(), 32u);

  EXPECT_THAT(alerts({"list"}), HasSubstr(alert.id().substr(0, 12)));
  const auto listed = json::parse(alerts({"list", "alert_id=" + alert.id(), "--json"}));
  EXPECT_EQ(listed["id"], alert.id());
  EXPECT_THAT(alerts({"list", "alert_id=none"}), HasSubstr("no alert fires"));

  EXPECT_THAT(alerts({"ack", alert.id().substr(0, 10), "--by", "ada", "--comment", "mine"}), HasSubstr("acknowledged"));
  EXPECT_TRUE(eventually([&] { return has(alert.id(), "acknowledged"); })) << cluster_.log("one");
  EXPECT_THAT(alerts({"list"}), HasSubstr("acknowledged by ada"));

  first.send(SIGKILL);
  first.wait();
  alerts({"silence", "alert_id=" + alert.id(), "--for", "2h", "--by", "bob", "--comment", "known"});
  ChildProcess second = cluster_.run("two");
  EXPECT_TRUE(eventually([&] { return has(alert.id(), "suppressed"); })) << cluster_.log("two");
  EXPECT_TRUE(has(alert.id(), "acknowledged")) << "once";
  const std::string silences = alerts({"silences"});
  EXPECT_THAT(silences, HasSubstr("by bob: known"));
  alerts({"unsilence", silences.substr(0, 12)});
  EXPECT_TRUE(eventually([&] { return has(alert.id(), "unsuppressed"); })) << cluster_.log("two");

  EXPECT_THAT(alerts({"mark", alert.id(), "false", "--by", "ada", "--comment", "a test"}),
              HasSubstr("marked as false"));
  EXPECT_TRUE(eventually([&] { return has(alert.id(), "marked"); })) << cluster_.log("two");
  EXPECT_THAT(alerts({"list"}), HasSubstr("marked as false by ada: a test"));
  EXPECT_EQ(json::parse(alerts({"budget", "--json"}))["series"].get<int>() > 10, true);
  EXPECT_THAT(alerts({"expect", "service=elsewhere", "--for", "2h", "--by", "bob", "--comment", "launch"}),
              HasSubstr("expected until"));
  EXPECT_TRUE(eventually([&] { return alerts({"expected"}).find("service=elsewhere") != std::string::npos; }));
  const std::string expected = alerts({"expected"});
  EXPECT_THAT(expected, HasSubstr("by bob: launch"));
  alerts({"unexpect", expected.substr(0, 12)});
  EXPECT_TRUE(eventually([&] { return alerts({"expected"}) == "no expected event\n"; })) << cluster_.log("two");
  EXPECT_EQ(second.terminate(), 0) << cluster_.log("two");
  std::set<std::string> changes;
  for (const auto& one : cluster_.read().alerts)
    EXPECT_TRUE(changes.insert(fmt::format("{} {} {}", one.id(), one.transition(), one.observed_at().seconds())).second)
        << "published twice: " << one.id() << " " << one.transition();
}

}  // namespace
}  // namespace tidewatch::kafka_test
