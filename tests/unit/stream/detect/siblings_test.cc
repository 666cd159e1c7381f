#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/stream/detect/detect_run.h"
#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

std::string variant(std::string_view name) { return std::string(kChat) + ",variant=" + std::string(name); }

DetectorRule contrast_rule(std::string_view measure) {
  DetectorRule rule = quick_rule(measure);
  rule.name = std::string(measure) + "_contrast";
  rule.detector = "contrast";
  rule.settings.clear();
  rule.entities = {{"service", "endpoint", "variant"}};
  return rule;
}

DetectOptions options_with(std::vector<DetectorRule> rules) {
  DetectOptions out = quick_options(std::move(rules));
  out.entities = {{"service"}, {"service", "endpoint"}, {"service", "endpoint", "variant"}};
  return out;
}

struct Share {
  std::string key;
  int errors;
  int requests;
};

void play(DetectRun& run, double from, double to, const std::vector<Share>& shares) {
  for (double m = from; m < to; ++m) {
    for (const Share& share : shares) run.feed(traffic(share.key, m, share.errors, share.requests));
    run.watermark(m + 1);
  }
}

/// Without those that only say that an alert pages now.
std::vector<v1::Alert> fired(const DetectRun& run) {
  auto out = run.alerts();
  std::erase_if(out, [](const auto& alert) { return alert.transition() == "escalated"; });
  return out;
}

TEST(Siblings, ANewVariantIsJudgedByTheOthersFromItsFirstWindow) {
  DetectRun run(options_with({contrast_rule("error_rate")}));
  play(run, 0, 120, {{variant("stable"), 2, 90}});
  play(run, 120, 126, {{variant("stable"), 2, 90}, {variant("canary"), 4, 10}});
  ASSERT_EQ(fired(run).size(), 1U);
  const auto alert = fired(run)[0];
  EXPECT_EQ(alert.kind(), "contrast");
  EXPECT_EQ(alert.labels().at("variant"), "canary") << "the other variant has nothing to do with it";
  EXPECT_EQ(alert.value(), 0.4);
  EXPECT_NEAR(alert.expected(), 2.0 / 90, 1e-12);
  EXPECT_NE(alert.why().find("error_rate on service=shop, endpoint=/chat, variant=canary has been 40.0 % (other values "
                             "of variant: 2.2 %, by chance "),
            std::string::npos)
      << alert.why();
  EXPECT_NE(alert.why().find(" since 02:00 UTC"), std::string::npos) << alert.why();
}

TEST(Siblings, WhatHappensToAllOfThemIsNoContrast) {
  DetectRun run(options_with({contrast_rule("error_rate")}));
  play(run, 0, 120, {{variant("stable"), 2, 90}});
  play(run, 120, 180, {{variant("stable"), 45, 90}, {variant("canary"), 5, 10}});
  EXPECT_TRUE(fired(run).empty());
}

TEST(Siblings, WhatIsBetterThanTheOthersMakesThemNoWorse) {
  DetectRun run(options_with({contrast_rule("error_rate")}));
  play(run, 0, 120, {{variant("stable"), 20, 90}});
  play(run, 120, 240, {{variant("stable"), 20, 90}, {variant("canary"), 1, 60}});
  EXPECT_TRUE(fired(run).empty());
}

TEST(Siblings, OfTwoThatBeganTogetherTheWorseIsTold) {
  DetectRun run(options_with({contrast_rule("error_rate")}));
  play(run, 0, 30, {{variant("a"), 2, 50}, {variant("b"), 15, 50}});
  ASSERT_EQ(fired(run).size(), 1U);
  EXPECT_EQ(fired(run)[0].labels().at("variant"), "b");
}

TEST(Siblings, SlowerThanTheOthersIsSeenWhateverTheLawOfLatencies) {
  DetectRun run(options_with({contrast_rule("latency_p50")}));
  const auto latencies = [](double factor, int n, int m) {
    std::vector<double> out;
    for (int i = 0; i < n; ++i) out.push_back(factor * std::pow(10.0, ((i * 37 + m * 11) % 100) / 50.0));
    return out;
  };
  for (int m = 0; m < 60; ++m) {
    run.feed(PartialOf(variant("stable"), m).requests(40).values("latency", latencies(1, 40, m)));
    if (m >= 20) run.feed(PartialOf(variant("canary"), m).requests(8).values("latency", latencies(4, 8, m)));
    run.watermark(m + 1);
  }
  ASSERT_EQ(fired(run).size(), 1U);
  EXPECT_EQ(fired(run)[0].labels().at("variant"), "canary");
  EXPECT_GT(fired(run)[0].effect(), 1);
}

TEST(Siblings, EntitiesOfAnotherFamilyAreNotCompared) {
  DetectRun run(options_with({contrast_rule("error_rate")}));
  // The same names of variants at another endpoint, and another group with the same labels but one.
  play(run, 0, 60,
       {{variant("stable"), 2, 90},
        {"service=shop,endpoint=/search,variant=canary", 40, 90},
        {"service=shop,endpoint=/chat,model=gpt-x", 40, 90}});
  EXPECT_TRUE(fired(run).empty());
}

TEST(Siblings, ARuleForAGroupWithoutSiblingsJudgesNothing) {
  DetectorRule rule = contrast_rule("error_rate");
  rule.entities = {{"service", "endpoint"}};
  DetectRun run(options_with({rule}));
  play(run, 0, 30, {{"service=shop,endpoint=/a", 1, 50}, {"service=shop,endpoint=/b", 40, 50}});
  EXPECT_TRUE(fired(run).empty());
}

TEST(Siblings, ARestoredRunSaysTheSame) {
  const auto options = options_with({contrast_rule("error_rate")});
  DetectRun whole(options);
  DetectRun before(options);
  for (DetectRun* run : {&whole, &before}) {
    play(*run, 0, 70, {{variant("stable"), 2, 90}});
    play(*run, 70, 74, {{variant("stable"), 2, 90}, {variant("canary"), 1, 10}});
  }
  DetectRun after(options);
  after.restore(before.state(), 74);
  for (DetectRun* run : {&whole, &after}) play(*run, 74, 80, {{variant("stable"), 2, 90}, {variant("canary"), 4, 10}});
  ASSERT_EQ(fired(whole).size(), 1U);
  ASSERT_EQ(fired(after).size(), 1U);
  EXPECT_EQ(fired(after)[0].DebugString(), fired(whole)[0].DebugString());
}

TEST(Siblings, OfAnEntityThatIsJudgedElsewhereNowTheAlertIsResolvedAndNothingMissed) {
  DetectRun before(options_with({quick_rule("error_rate")}));
  play(before, 0, 30, {{variant("stable"), 1, 100}});
  play(before, 30, 32, {{variant("stable"), 60, 100}});
  ASSERT_EQ(before.transitions(), (std::vector<std::string>{"fired"}));
  v1::EntityState state;
  ASSERT_TRUE(state.ParseFromString(before.state().at(variant("stable"))));
  EXPECT_EQ(state.placement(), kChat);

  auto moved = options_with({quick_rule("error_rate")});
  moved.colocate = {"variant"};
  DetectRun after(moved);
  after.restore(before.state(), 32);
  after.watermark(33);
  ASSERT_EQ(after.transitions(), (std::vector<std::string>{"resolved"}));
  EXPECT_EQ(after.alerts()[0].id(), before.alerts()[0].id());
  after.watermark(60);
  EXPECT_EQ(after.alerts().size(), 1U) << "once, and nobody waits for its data";
}

TEST(Siblings, StateOfEarlierBuildsWentByTheWholeKey) {
  DetectRun before(options_with({quick_rule("error_rate")}));
  play(before, 0, 30, {{std::string(kChat), 1, 100}, {variant("stable"), 1, 100}});
  std::map<std::string, std::string> old;
  for (const auto& [key, value] : before.state()) {
    v1::EntityState state;
    ASSERT_TRUE(state.ParseFromString(value));
    state.clear_placement();
    old[key] = state.SerializeAsString();
  }
  DetectOptions alone = options_with({quick_rule("error_rate")});
  alone.borrow = false;  // or what begins anew would begin with the endpoint's past
  DetectRun after(alone);
  after.restore(old, 30);
  play(after, 30, 32, {{std::string(kChat), 60, 100}, {variant("stable"), 60, 100}});
  ASSERT_EQ(after.alerts().size(), 1U) << "the endpoint lies where it lay; the variant begins anew";
  EXPECT_FALSE(after.alerts()[0].labels().contains("variant"));
}

}  // namespace
}  // namespace tidewatch
