#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using testing::HasSubstr;

DetectOptions options_with(std::vector<EntityGroup> entities) {
  DetectOptions out = quick_options({quick_rule("refusal_rate")});
  out.entities = std::move(entities);
  return out;
}

/// A minute of an entity.
struct Minute {
  std::string key;
  int refused = 2;
  int requests = 100;
  std::string model = "m1";
  double score = 0.8;
};

Aggregate counted(const std::string& name, int n) {
  Aggregate out(MeasureKind::composition);
  for (int i = 0; i < n; ++i) out.add_category(name);
  return out;
}

PartialOf partial_of(const Minute& minute, double at) {
  std::vector<double> scores;
  for (int i = 0; i < minute.requests; ++i) scores.push_back(minute.score + 0.01 * (i % 5 - 2));
  return PartialOf(minute.key, at)
      .requests(minute.requests)
      .rate("refusal_rate", minute.refused, minute.requests)
      .values("retrieval_score", scores)
      .add("models", counted(minute.model, minute.requests))
      .saw("response_model", minute.model);
}

void play(DetectRun& run, double from, double to, const std::vector<Minute>& minutes) {
  for (double m = from; m < to; ++m) {
    for (const Minute& minute : minutes) run.feed(partial_of(minute, m));
    run.watermark(m + 1);
  }
}

v1::Alert first_alert(const DetectRun& run, std::string_view key) {
  std::map<std::string, std::string> labels;
  const auto parsed = parse_entity_key(key);
  for (const auto& [name, value] : *parsed) labels[name] = value;
  for (const auto& alert : run.alerts())
    if (std::map<std::string, std::string>(alert.labels().begin(), alert.labels().end()) == labels) return alert;
  ADD_FAILURE() << "no alert of " << key;
  return {};
}

TEST(CauseOfAlerts, WithoutAnythingThatChangedItIsUnknown) {
  DetectRun run(options_with({{"service", "endpoint"}}));
  play(run, 0, 120, {{std::string(kChat)}});
  play(run, 120, 125, {{std::string(kChat), 30}});
  const auto alert = first_alert(run, kChat);
  EXPECT_EQ(alert.cause().kind(), "unknown");
  EXPECT_THAT(alert.why(), HasSubstr("Cause unknown: nothing that was seen explains it; the same model and retrieval"));
}

TEST(CauseOfAlerts, ANewResponseModelIsTheModel) {
  DetectRun run(options_with({{"service", "endpoint"}}));
  play(run, 0, 120, {{std::string(kChat)}});
  play(run, 120, 125, {{std::string(kChat), 30, 100, "m2"}});
  const auto alert = first_alert(run, kChat);
  EXPECT_EQ(alert.cause().kind(), "model");
  EXPECT_GT(alert.cause().confidence(), 0.7);
  EXPECT_LE(alert.cause().confidence(), 1);
  EXPECT_THAT(alert.cause().why(), HasSubstr("model=m2 was first seen as it began and serves 100 % of the traffic"));
  EXPECT_THAT(alert.why(), HasSubstr(alert.cause().why()));
}

TEST(CauseOfAlerts, WorseRetrievalIsData) {
  DetectRun run(options_with({{"service", "endpoint"}}));
  play(run, 0, 120, {{std::string(kChat)}});
  play(run, 120, 125, {{std::string(kChat), 30, 100, "m1", 0.6}});
  const auto alert = first_alert(run, kChat);
  EXPECT_EQ(alert.cause().kind(), "data");
  EXPECT_THAT(alert.cause().why(), HasSubstr("retrieval_score fell from 0.8 to 0.6, -25 %"));
}

TEST(CauseOfAlerts, AnEndedAlertHasNone) {
  DetectRun run(options_with({{"service", "endpoint"}}));
  play(run, 0, 120, {{std::string(kChat)}});
  play(run, 120, 125, {{std::string(kChat), 30}});
  play(run, 125, 140, {{std::string(kChat)}});
  const auto alerts = run.alerts();
  ASSERT_EQ(alerts.back().transition(), "resolved");
  EXPECT_FALSE(alerts.back().has_cause());
}

TEST(CauseOfAlerts, ItIsTheSameAfterARestart) {
  DetectRun straight(options_with({{"service", "endpoint"}}));
  play(straight, 0, 122, {{std::string(kChat)}});
  DetectRun restored(options_with({{"service", "endpoint"}}));
  restored.restore(straight.state(), 122);
  for (DetectRun* run : {&straight, &restored}) play(*run, 122, 126, {{std::string(kChat), 30, 100, "m2"}});
  EXPECT_EQ(first_alert(straight, kChat).cause().why(), first_alert(restored, kChat).cause().why());
  EXPECT_EQ(first_alert(restored, kChat).cause().kind(), "model");
}

/// Every segment is answered better than before, and the whole worse: those that are declined more often ask more.
TEST(CauseOfAlerts, SimpsonsParadoxIsAnotherMixOfUsers) {
  const std::string free = std::string(kChat) + ",segment=free";
  const std::string pro = std::string(kChat) + ",segment=pro";
  DetectRun run(options_with({{"service", "endpoint"}, {"service", "endpoint", "segment"}}));
  play(run, 0, 120, {{std::string(kChat), 48, 1200}, {free, 12, 1080}, {pro, 36, 120}});
  play(run, 120, 126, {{std::string(kChat), 150, 1200}, {free, 0, 480}, {pro, 150, 720}});
  const auto alert = first_alert(run, kChat);
  EXPECT_EQ(alert.measure(), "refusal_rate");
  EXPECT_EQ(alert.cause().kind(), "users");
  EXPECT_THAT(alert.cause().why(), HasSubstr("come from another mix of segments"));
  EXPECT_THAT(alert.cause().why(), HasSubstr("where it went the other way"));
}

TEST(CauseOfAlerts, WhatMovedWithinEverySegmentIsNotTheUsers) {
  const std::string free = std::string(kChat) + ",segment=free";
  const std::string pro = std::string(kChat) + ",segment=pro";
  DetectRun run(options_with({{"service", "endpoint"}, {"service", "endpoint", "segment"}}));
  play(run, 0, 120, {{std::string(kChat), 8, 200}, {free, 2, 180}, {pro, 6, 20}});
  play(run, 120, 126, {{std::string(kChat), 60, 200}, {free, 48, 180}, {pro, 12, 20}});
  EXPECT_EQ(first_alert(run, kChat).cause().kind(), "unknown");
}

TEST(CauseOfAlerts, OnlyWhereTheNewVersionIsItMoved) {
  const std::string old_version = std::string(kChat) + ",prompt_version=v1";
  const std::string new_version = std::string(kChat) + ",prompt_version=v2";
  DetectRun run(options_with({{"service", "endpoint"}, {"service", "endpoint", "prompt_version"}}));
  play(run, 0, 120, {{std::string(kChat)}, {old_version}});
  play(run, 120, 126, {{std::string(kChat), 31, 100}, {old_version, 1, 50}, {new_version, 30, 50}});
  const auto alert = first_alert(run, kChat);
  EXPECT_EQ(alert.cause().kind(), "unknown") << "the version is not in the traffic's mix: nothing says that it is new";
  const auto narrow = first_alert(run, new_version);
  EXPECT_EQ(narrow.cause().kind(), "prompt");
  EXPECT_THAT(narrow.cause().why(), HasSubstr("where prompt_version=v2 it moved by"));
}

}  // namespace
}  // namespace tidewatch
