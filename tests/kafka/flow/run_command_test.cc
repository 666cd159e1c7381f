// `tidewatch run` as whoever operates it meets it: signals, exit codes, messages, and what it says of itself over HTTP.
#include <curl/curl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <optional>

#include "kafka/flow/flow_cluster.h"

namespace tidewatch::kafka_test {
namespace {

using testing::HasSubstr;

size_t append(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

struct Answer {
  long status = 0;  ///< 0: nobody answers
  std::string body;
};

Answer get(const std::string& url) {
  Answer out;
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 5L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.body);
  if (curl_easy_perform(curl) == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
  curl_easy_cleanup(curl);
  return out;
}

class RunCommandTest : public ::testing::Test {
 protected:
  KafkaBroker& broker_ = KafkaBroker::instance();
  const std::string name_ = unique_name("run");

  /// Where the process serves; read from its log, as a free port was asked for.
  static std::string url_of(const FlowCluster& cluster, const std::string& instance) {
    std::string out;
    eventually([&] {
      const std::string log = cluster.log(instance);
      const auto at = log.find("at http://");
      if (at == std::string::npos || log.find('\n', at) == std::string::npos) return false;
      out = log.substr(at + 3, log.find('\n', at) - at - 3);
      return true;
    });
    return out;
  }
  static bool is_logged(const FlowCluster& cluster, const std::string& instance, const std::string& text) {
    return eventually([&] { return cluster.log(instance).find(text) != std::string::npos; });
  }
  /// The value of `label` in the sample of tidewatch_config_info that is 1.
  static std::string config_version(const std::string& url) {
    const std::string metrics = get(url + "/metrics").body;
    const auto at = metrics.find("config_info{version=\"");
    return at == std::string::npos ? "" : metrics.substr(at + 21, 12);
  }
};

TEST_F(RunCommandTest, AnswersOverHttpAndEndsWellWhenAsked) {
  const FlowCluster cluster(broker_, name_);
  ChildProcess process = cluster.run("one");
  const std::string url = url_of(cluster, "one");
  ASSERT_NE(url, "") << cluster.log("one");

  EXPECT_TRUE(eventually([&] { return get(url + "/readyz").status == 200; })) << get(url + "/readyz").body;
  const Answer health = get(url + "/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_THAT(health.body, HasSubstr("\"live\":true"));
  const Answer metrics = get(url + "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("config_info{version="));
  EXPECT_EQ(get(url + "/nothing").status, 404);

  EXPECT_EQ(process.terminate(), 0) << cluster.log("one");
  EXPECT_EQ(get(url + "/healthz").status, 0) << "nobody is left to answer";
}

TEST_F(RunCommandTest, TakesAGoodConfigOnSighupAndKeepsTheOldOneInsteadOfABadOne) {
  const FlowCluster cluster(broker_, name_);
  ChildProcess process = cluster.run("one");
  const std::string url = url_of(cluster, "one");
  ASSERT_TRUE(eventually([&] { return get(url + "/readyz").status == 200; })) << cluster.log("one");
  const std::string before = config_version(url);
  ASSERT_EQ(before.size(), 12u);

  cluster.write_config(cluster.config(broker_.brokers(), "no_such_key: 1\n"));
  process.send(SIGHUP);
  ASSERT_TRUE(is_logged(cluster, "one", "the old one stays in force")) << cluster.log("one");
  EXPECT_THAT(cluster.log("one"), HasSubstr("no_such_key: unknown key"));
  EXPECT_TRUE(process.is_running());
  EXPECT_EQ(get(url + "/readyz").status, 200);
  EXPECT_EQ(config_version(url), before);

  cluster.write_config(cluster.config(broker_.brokers(), "mode: shadow\n"));
  process.send(SIGHUP);
  ASSERT_TRUE(is_logged(cluster, "one", "config reloaded version=")) << cluster.log("one");
  EXPECT_TRUE(eventually([&] { return get(url + "/readyz").status == 200; }));
  EXPECT_NE(config_version(url), before) << get(url + "/metrics").body;
  EXPECT_EQ(process.terminate(), 0);
}

TEST_F(RunCommandTest, GoesOnWithTheOldConfigWhenTheTopicsOfTheNewOneDoNotExist) {
  const FlowCluster cluster(broker_, name_);
  ChildProcess process = cluster.run("one");
  const std::string url = url_of(cluster, "one");
  ASSERT_TRUE(eventually([&] { return get(url + "/readyz").status == 200; })) << cluster.log("one");
  const std::string before = config_version(url);

  std::string other = cluster.config(broker_.brokers(), "mode: shadow\n");
  const std::string progress = name_ + ".progress";
  const auto at = other.find(progress);
  ASSERT_NE(at, std::string::npos) << other;
  cluster.write_config(other.replace(at, progress.size(), name_ + ".nowhere"));
  process.send(SIGHUP);
  ASSERT_TRUE(is_logged(cluster, "one", "the new config was not taken")) << cluster.log("one");
  EXPECT_THAT(cluster.log("one"), HasSubstr("these topics do not exist: " + name_ + ".nowhere"));
  EXPECT_TRUE(eventually([&] { return get(url + "/readyz").status == 200; })) << get(url + "/readyz").body;
  EXPECT_EQ(config_version(url), before);
  EXPECT_EQ(process.terminate(), 0) << cluster.log("one");
}

TEST_F(RunCommandTest, EndsWith69WhenNoBrokerAnswers) {
  const FlowCluster cluster(broker_, name_, false);
  cluster.write_config(cluster.config("127.0.0.1:1"));

  EXPECT_EQ(cluster.run("one").wait(), 69);

  EXPECT_THAT(cluster.log("one"), HasSubstr("127.0.0.1:1"));
}

TEST_F(RunCommandTest, EndsWith78AndNamesTheTopicsThatAreMissing) {
  const FlowCluster cluster(broker_, name_, false);

  EXPECT_EQ(cluster.run("one").wait(), 78);

  EXPECT_THAT(cluster.log("one"), HasSubstr(cluster.topic(Stream::fragments)));
  EXPECT_THAT(cluster.log("one"), HasSubstr(cluster.topic(Stream::state)));
}

TEST_F(RunCommandTest, EndsWith78WhenTheConfigIsWrong) {
  const FlowCluster cluster(broker_, name_, false);
  cluster.write_config("kafka: {brokres: [localhost:9092]}\n");

  EXPECT_EQ(cluster.run("one").wait(), 78);

  EXPECT_THAT(cluster.log("one"), HasSubstr("tidewatch.yaml:1:9"));
}

}  // namespace
}  // namespace tidewatch::kafka_test
