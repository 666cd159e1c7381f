// Rollouts against a real Apache Kafka: decided once though processes are killed, and told to who asks.
#include <curl/curl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "kafka/flow/flow_cluster.h"
#include "stream/publish/decode.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch::kafka_test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Two services are the arms: the helpdesk fails as seldom as the shop, and is slower than the search.
gen::GenOptions traffic() {
  gen::GenOptions options;
  options.scenario = "outage";
  options.hours = 2;
  options.history = 3;
  options.rate = 12;
  options.seed = 5;
  return options;
}

size_t append(char* data, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

class KafkaRolloutsTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const FlowCluster cluster_{broker_, unique_name("rollouts")};

  std::string rollout(std::vector<std::string> arguments, int exit_code = 0) const {
    arguments.insert(arguments.begin(), "rollout");
    arguments.insert(arguments.end(), {"--config", cluster_.config_file().string()});
    const auto log = cluster_.folder() / "command.log";
    std::filesystem::remove(log);
    ChildProcess process(TIDEWATCH_PROGRAM, arguments, log.string());
    EXPECT_EQ(process.wait(), exit_code) << cluster_.log("command");
    return cluster_.log("command");
  }
  std::vector<v1::RolloutDecision> decisions() const {
    std::vector<v1::RolloutDecision> out;
    for (const auto& record : broker_.read_all(cluster_.topic(Stream::rollouts)))
      EXPECT_TRUE(decode(record.value, out.emplace_back()));
    return out;
  }
  size_t count(const std::string& name, const std::string& decision, bool is_drill = false) const {
    const auto all = decisions();
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const auto& one) {
      return one.rollout() == name && one.decision() == decision && one.drill() == is_drill;
    }));
  }
  /// Status and body of a gate, asked as Flagger does.
  std::pair<long, std::string> post(const std::string& instance, const std::string& path) const {
    const std::string log = cluster_.log(instance);
    const std::string_view begin = "at http://";
    const auto at = log.find(begin);
    if (at == std::string::npos) return {0, "not serving yet"};
    const auto from = at + 3;
    const std::string url = log.substr(from, log.find_first_of(" \n", from) - from) + path;
    std::pair<long, std::string> out{0, ""};
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, R"({"name": "shop", "phase": "Progressing"})");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.second);
    if (curl_easy_perform(curl) == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.first);
    curl_easy_cleanup(curl);
    return out;
  }
};

TEST_F(KafkaRolloutsTest, IsDecidedOnceThoughProcessesAreKilledAndAnsweredToWhoAsks) {
  const auto flag = cluster_.folder() / "flag.json";
  cluster_.write_config(cluster_.config(broker_.brokers(), fmt::format(R"(rollouts:
  - name: same
    arms: {{label: service, control: shop-assistant, treatment: helpdesk}}
    steps: [50, 100]
    hold: 2h
    sample_ratio: false
    guard: {{error_rate: {{worse_by: 5pp}}}}
  - name: slow
    arms: {{label: service, control: docs-search, treatment: helpdesk}}
    steps: [25, 50, 100]
    sample_ratio: false
    guard: {{latency_p50: {{worse_by: 10%}}, error_rate: {{worse_by: 5pp}}}}
    flag_file: {}
)",
                                                                       flag.string())));
  const FlowMessages sent = flow_messages(traffic());
  const auto half = sent.messages.begin() + static_cast<std::ptrdiff_t>(sent.messages.size() / 4);
  ChildProcess first = cluster_.run("one");
  EXPECT_THAT(rollout({"drill", "slow", "--by", "ada"}), HasSubstr("is drilled"));
  EXPECT_TRUE(eventually([&] { return count("slow", "rollback", true) == 1; })) << cluster_.log("one");
  EXPECT_THAT(rollout({"list"}), HasSubstr("slow  no request of the treatment was seen (drilled"));

  cluster_.produce(sent.messages.begin(), half);
  EXPECT_TRUE(eventually([&] { return count("same", "start") == 1; })) << cluster_.log("one");
  first.send(SIGKILL);
  first.wait();
  ChildProcess second = cluster_.run("two");
  cluster_.produce(half, sent.messages.end());
  EXPECT_TRUE(eventually([&] { return count("slow", "rollback") == 1 && count("same", "promote") == 1; }))
      << cluster_.log("two");

  EXPECT_THAT(rollout({"status", "slow"}), AllOf(HasSubstr("rollback at 0 %"), HasSubstr("!")));
  EXPECT_THAT(rollout({"status", "no-such"}, 64), HasSubstr("there is same, slow"));
  // Decided at the time of the traffic, which is long ago: of another run than the one that is asked about.
  EXPECT_TRUE(eventually([&] { return post("two", "/rollouts/slow/rollback").first == 409; }));
  EXPECT_EQ(post("two", "/rollouts/slow/confirm-rollout").first, 200);
  EXPECT_EQ(post("two", "/rollouts/no-such").first, 404);
  rollout({"promote", "slow", "--by", "ada", "--comment", "known better"});
  EXPECT_TRUE(eventually([&] { return post("two", "/rollouts/slow/confirm-promotion").first == 200; }))
      << cluster_.log("two");
  EXPECT_EQ(json::parse(post("two", "/rollouts/slow").second).at("verdict"), "promote");
  EXPECT_TRUE(eventually([&] {
    std::ifstream file(flag);
    std::stringstream text;
    text << file.rdbuf();
    return text.str().find(R"("share":1.0)") != std::string::npos;
  }));
  EXPECT_EQ(second.terminate(), 0) << cluster_.log("two");
  std::set<std::string> ids;
  for (const auto& one : decisions()) EXPECT_TRUE(ids.insert(one.id()).second) << "published twice: " << one.reason();
}

}  // namespace
}  // namespace tidewatch::kafka_test
