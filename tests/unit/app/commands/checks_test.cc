#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "app/doctor/check.h"
#include "app/doctor/grant.h"
#include "app/doctor/sample_report.h"
#include "app/doctor/topic_checks.h"
#include "app/doctor/topic_plan.h"

namespace tidewatch::doctor {
namespace {

using ::testing::HasSubstr;

TEST(Checks, AreALineEachAndCounted) {
  Checks checks;
  checks.ok("brokers", "3 answer");
  checks.problem("a.topic", "does not\nexist", "make it");
  EXPECT_EQ(to_text(checks),
            "ok       brokers: 3 answer\nproblem  a.topic: does not?exist -> make it\n1 ok, 0 warnings, 1 problems\n");
  const auto json = nlohmann::json::parse(to_json(checks));
  EXPECT_FALSE(json.at("ok").get<bool>());
  EXPECT_EQ(json.at("checks").at(1).at("advice"), "make it");
}

TEST(Checks, OfNamesThatAreNoUtf8AreJsonAllTheSame) {
  Checks checks;
  checks.ok("label service", "\xff\xfe");
  EXPECT_TRUE(nlohmann::json::accept(to_json(checks)));
}

TEST(MostFrequent, OrdersByCountThenName) {
  EXPECT_EQ(most_frequent({{"a", 1}, {"b", 3}, {"c", 1}}, 2), "b 3, a 1 and 1 more");
}

kafka::ClusterDescription cluster(const std::vector<TopicPlan>& plans, size_t brokers, int32_t partitions) {
  kafka::ClusterDescription out;
  out.brokers.assign(brokers, "host:9092");
  for (const auto& plan : plans)
    out.topics[plan.name] = {.exists = partitions > 0, .partitions = partitions, .replicas = 1, .error = {}};
  return out;
}

TEST(Fixes, ReplicateThreeTimesWhereThereAreBrokersForIt) {
  const auto plans = topic_plans(default_config());
  const auto all = fixes(plans, cluster(plans, 5, 0), {.partitions = 6});
  ASSERT_EQ(all.size(), plans.size());
  for (const auto& one : all) {
    EXPECT_EQ(one.request.replicas, 3);
    EXPECT_EQ(one.request.partitions, 6);
    EXPECT_EQ(one.request.config.at("min.insync.replicas"), "2");
  }
  EXPECT_EQ(fixes(plans, cluster(plans, 2, 0), {}).front().request.replicas, 2);
  EXPECT_TRUE(fixes(plans, cluster(plans, 5, 4), {}).empty());
}

TEST(TopicChecks, WarnOfOneReplicaAndOfPartitionsWithoutALeader) {
  const auto plans = topic_plans(default_config());
  auto now = cluster(plans, 3, 4);
  now.topics.at("tidewatch.alerts").error = Error{"kafka_error", "could not describe topic tidewatch.alerts"};
  now.topics.at("tidewatch.partials").offline_partitions = 2;
  Checks checks;
  check_topics(plans, now, {}, checks);
  const auto text = to_text(checks);
  EXPECT_THAT(text, HasSubstr("problem  tidewatch.alerts: could not describe topic tidewatch.alerts -> look at the "
                              "broker's log\n"));
  EXPECT_THAT(text, HasSubstr("problem  tidewatch.partials: 2 of 4 partitions have no leader"));
  EXPECT_THAT(text, HasSubstr("warning  tidewatch.state: a partition has one replica although there are 3 brokers"));
}

TEST(Grants, NameTheUserAsTheBrokersDo) {
  KafkaOptions options;
  options.brokers = {"a:9092", "b:9092"};
  EXPECT_EQ(principal_of(options), "User:ANONYMOUS");
  options.properties = {{"security.protocol", "SSL"}};
  EXPECT_EQ(principal_of(options), "User:NAME") << "the brokers make a name of the certificate";
  options.properties = {{"security.protocol", "SASL_SSL"}, {"sasl.username", "tidewatch"}};
  EXPECT_EQ(grant_command(options, {"Read", "Write"}, "--topic tidewatch.partials"),
            "kafka-acls.sh --bootstrap-server a:9092,b:9092 --add --allow-principal 'User:tidewatch' --operation Read "
            "--operation Write --topic tidewatch.partials");
}

TEST(Clocks, ThatAreBehindAreTold) {
  const Timestamp now{std::chrono::seconds(1'000'000)};
  std::map<Stream, TopicSample> topics;
  topics[Stream::traces].newest = now + std::chrono::seconds(5);
  Checks checks;
  report_clocks(topics, {}, std::chrono::minutes(1), now, checks);
  ASSERT_EQ(checks.all().size(), 1U);
  EXPECT_EQ(checks.all().front().level, Level::warning);
  EXPECT_EQ(checks.all().front().message, "the newest record is 5.0 s ahead of this machine's clock");
}

}  // namespace
}  // namespace tidewatch::doctor
