// A bad canary against a real Apache Kafka: rolled back once though processes are killed, and told to who asks.
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

gen::GenOptions traffic() {
  gen::GenOptions options;
  options.scenario = "bad-canary";
  options.hours = 6;
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
    for (const auto& value : broker_.read_all(cluster_.topic(Stream::rollouts)))
      EXPECT_TRUE(decode(value, out.emplace_back()));
    return out;
  }
  size_t count(const std::string& decision, bool is_drill = false) const {
    const auto all = decisions();
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const auto& one) {
      return one.decision() == decision && one.drill() == is_drill;
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

TEST_F(KafkaRolloutsTest, ABadCanaryIsRolledBackOnceThoughProcessesAreKilled) {
  const auto flag = cluster_.folder() / "flag.json";
  cluster_.write_config(cluster_.config(broker_.brokers(), fmt::format(R"(rollouts:
  - name: shop-canary
    where: {{service: shop-assistant}}
    steps: [10, 50, 100]
    warm_up: 0s
    guard: {{error_rate: {{worse_by: 1pp}}, refusal_rate: {{worse_by: 1pp}}, latency_p95: {{worse_by: 30%}}}}
    flag_file: {}
)",
                                                                       flag.string())));
  const FlowMessages sent = flow_messages(traffic());
  const auto count_of = static_cast<std::ptrdiff_t>(sent.messages.size());
  ChildProcess first = cluster_.run("one");
  EXPECT_THAT(rollout({"drill", "shop-canary", "--by", "ada"}), HasSubstr("is drilled"));
  EXPECT_TRUE(eventually([&] { return count("rollback", true) == 1; })) << cluster_.log("one");
  EXPECT_THAT(rollout({"list"}), HasSubstr("no request of the treatment was seen (drilled"));

  cluster_.produce(sent.messages.begin(), sent.messages.begin() + count_of * 2 / 3);
  EXPECT_TRUE(eventually([&] { return count("start") == 1; })) << cluster_.log("one");
  first.send(SIGKILL);
  first.wait();
  ChildProcess second = cluster_.run("two");
  cluster_.produce(sent.messages.begin() + count_of * 2 / 3, sent.messages.end());
  EXPECT_TRUE(eventually([&] { return count("rollback") == 1; })) << cluster_.log("two");

  EXPECT_THAT(rollout({"status", "shop-canary"}), AllOf(HasSubstr("rollback at 0 %"), HasSubstr("[")));
  EXPECT_THAT(rollout({"status", "no-such"}, 64), HasSubstr("there is shop-canary"));
  // What is old is of another run: these decisions are of event time, and the traffic is.
  EXPECT_TRUE(eventually([&] { return post("two", "/rollouts/shop-canary/rollback").first == 409; }));
  EXPECT_EQ(post("two", "/rollouts/shop-canary/confirm-rollout").first, 200);
  EXPECT_EQ(post("two", "/rollouts/no-such").first, 404);
  rollout({"promote", "shop-canary", "--by", "ada", "--comment", "known better"});
  EXPECT_TRUE(eventually([&] { return post("two", "/rollouts/shop-canary/confirm-promotion").first == 200; }))
      << cluster_.log("two");
  EXPECT_EQ(json::parse(post("two", "/rollouts/shop-canary").second).at("verdict"), "promote");
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
