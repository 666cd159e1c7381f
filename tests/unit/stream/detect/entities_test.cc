#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

DetectOptions limited(size_t entities) {
  auto options = quick_options();
  options.max_entities = entities;
  return options;
}

std::map<std::string, double> requests_by_service(const std::vector<v1::QualityScore>& scores) {
  std::map<std::string, double> out;
  for (const auto& score : scores)
    for (const auto& measured : score.measures())
      if (measured.measure() == "requests") out[score.labels().at("service")] += measured.value();
  return out;
}

TEST(Entities, BeyondTheLimitTheRarestAreCountedTogether) {
  DetectRun run(limited(2));
  for (int m = 0; m < 3; ++m) {
    run.feed(traffic("service=a", m, 0, 100));
    run.feed(traffic("service=b", m, 0, 50));
    run.feed(traffic("service=c", m, 0, 10));
    run.feed(traffic("service=d", m, 0, 5));
    run.watermark(m + 1);
  }
  EXPECT_EQ(requests_by_service(run.scores()), (std::map<std::string, double>{{"a", 300}, {"b", 150}, {"other", 45}}));
  EXPECT_EQ(run.count("entities_in_other"), 6u) << "two entities in three panes";
  EXPECT_EQ(run.count("evicted_entities"), 0u);
}

TEST(Entities, OneThatIsBusierTakesThePlaceOfTheRarestAndNoRequestIsLost) {
  auto options = limited(2);
  options.score_window = 4min;
  DetectRun run(options);
  for (int m = 0; m < 4; ++m) {
    run.feed(traffic("service=a", m, 0, 100));
    run.feed(traffic("service=b", m, 0, m < 2 ? 5 : 1));
    if (m >= 2) run.feed(traffic("service=z", m, 0, 500));
    run.watermark(m + 1);
  }
  EXPECT_EQ(run.count("evicted_entities"), 1u);
  EXPECT_EQ(requests_by_service(run.scores()),
            (std::map<std::string, double>{{"a", 400}, {"other", 5 + 5 + 1 + 1}, {"z", 1000}}));
  EXPECT_EQ(run.state().count("service=b"), 0u) << "its state is deleted";
}

TEST(Entities, OneWhoseAlertIsOpenIsNotEvicted) {
  DetectRun run(limited(1));
  run.calm(0, 30);
  run.incident(30, 31);
  ASSERT_EQ(run.transitions(), (std::vector<std::string>{"fired"}));
  run.feed(traffic(kShop, 31, 60));
  run.feed(traffic("service=busy", 31, 0, 1'000'000));
  run.watermark(32);
  EXPECT_EQ(run.count("evicted_entities"), 0u);
  run.calm(32, 40);
  EXPECT_EQ(run.transitions(), (std::vector<std::string>{"fired", "resolved"}));
}

TEST(Entities, OneSurgeInAPaneIsBoundedToo) {
  DetectRun run(limited(2));
  for (int i = 0; i < 100; ++i) run.feed(traffic("service=s" + std::to_string(i), 0, 0, 3));
  run.watermark(1);
  double total = 0;
  for (const auto& [service, requests] : requests_by_service(run.scores())) total += requests;
  EXPECT_EQ(total, 300);
  EXPECT_LE(run.stage().entities(), 3u);
}

TEST(Changes, AreSilentWhileAnEntitySettlesAndPublishedOnceAtTheTop) {
  auto options = quick_options();
  options.score_window = 5min;
  DetectRun run(options);
  for (const auto key : {kShop, kChat}) run.feed(traffic(key, 0).saw("model", "old"));
  run.watermark(1);
  for (const auto key : {kShop, kChat}) run.feed(traffic(key, 4).saw("model", "also old"));
  run.watermark(5);
  EXPECT_TRUE(run.changes().empty());
  for (int m = 5; m < 8; ++m) {
    for (const auto key : {kShop, kChat}) run.feed(traffic(key, m).saw("model", "new").saw("model", "old"));
    run.watermark(m + 1);
  }
  ASSERT_EQ(run.changes().size(), 1u);
  const auto change = run.changes()[0];
  EXPECT_EQ(change.label(), "model");
  EXPECT_EQ(change.value(), "new");
  EXPECT_EQ(change.labels().at("service"), "shop");
  EXPECT_EQ(change.labels().size(), 1u);
  EXPECT_EQ(change.first_trace(), "30313233343536373839616263646566");
  EXPECT_EQ(change.at().seconds(), (minute(5.25).time_since_epoch().count()) / 1'000'000'000);
}

TEST(Changes, NearAnAlertsStartAreNamedInItAlsoOfNarrowEntities) {
  DetectRun run;
  run.calm(0, 30, kChat);
  run.feed(traffic(kChat, 30, 60).saw("prompt_version", "v13"));
  run.watermark(31);
  ASSERT_EQ(run.alerts().size(), 1u);
  ASSERT_EQ(run.alerts()[0].changes_size(), 1);
  EXPECT_EQ(run.alerts()[0].changes(0).value(), "v13");
  EXPECT_TRUE(run.changes().empty()) << "published where it is seen most widely";
}

}  // namespace
}  // namespace tidewatch
