// Alerts of rules that a new config does not have any more.
#include <gtest/gtest.h>

#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using Transitions = std::vector<std::string>;

/// The state of a service whose error rate alert fires since minute 30.
std::map<std::string, std::string> state_while_firing(const DetectOptions& options = quick_options()) {
  DetectRun before(options);
  before.calm(0, 30);
  before.incident(30, 33);
  EXPECT_EQ(before.transitions(), (Transitions{"fired"}));
  return before.state();
}

DetectOptions without_the_rule() { return quick_options({quick_rule("refusal_rate")}); }

TEST(OrphanedAlert, OfARemovedRuleIsResolvedOnceAndSaysWhy) {
  DetectRun before;
  before.calm(0, 30);
  before.incident(30, 33);
  DetectRun after(without_the_rule());
  after.restore(before.state(), 33);
  after.incident(33, 38);
  ASSERT_EQ(after.transitions(), (Transitions{"resolved"}));
  const auto alert = after.alerts()[0];
  EXPECT_EQ(alert.id(), before.alerts()[0].id());
  EXPECT_EQ(alert.rule(), "error_rate");
  EXPECT_EQ(alert.kind(), "point");
  EXPECT_EQ(alert.measure(), "error_rate");
  EXPECT_EQ(alert.unit(), "share");
  EXPECT_NE(alert.why().find("the rule was removed from the config"), std::string::npos) << alert.why();
  EXPECT_NE(alert.why().find("At worst it was 60.0 %"), std::string::npos) << alert.why();
}

TEST(OrphanedAlert, IsNotResolvedAgainAfterTheNextRestart) {
  DetectRun second(without_the_rule());
  second.restore(state_while_firing(), 33);
  second.incident(33, 34);
  ASSERT_EQ(second.transitions(), (Transitions{"resolved"}));
  DetectRun third(without_the_rule());
  third.restore(second.state(), 34);
  third.incident(34, 36);
  EXPECT_TRUE(third.alerts().empty());
}

TEST(OrphanedAlert, SurvivesARestartBeforeTheNextWindow) {
  // The new config was loaded, saved the entity for a first sight, and stopped before a window closed.
  auto options = without_the_rule();
  options.rules[0].window = 10min;
  options.score_window = 10min;
  DetectRun second(options);
  second.restore(state_while_firing(), 33);
  second.feed(traffic(kShop, 33, 60).saw("model", "m2"));
  second.watermark(34);
  ASSERT_TRUE(second.alerts().empty());
  ASSERT_FALSE(second.state().empty());
  DetectRun third(options);
  third.restore(second.state(), 34);
  third.incident(34, 61);
  EXPECT_EQ(third.transitions(), (Transitions{"resolved"}));
}

TEST(OrphanedAlert, OfARuleThatWatchesSomethingElseOrOtherwiseNowIsResolved) {
  auto moved = quick_rule("refusal_rate");
  moved.name = "error_rate";
  auto slower = quick_rule("error_rate");
  slower.settings = {{"warm_up", "20"}, {"season", "false"}};
  auto elsewhere = quick_rule("error_rate");
  elsewhere.entities = {{"service", "endpoint"}};
  auto off = quick_rule("error_rate");
  off.is_enabled = false;
  for (const auto& rule : {moved, slower, elsewhere, off}) {
    DetectRun after(quick_options({rule, quick_rule("hedging_rate")}));
    after.restore(state_while_firing(), 33);
    after.incident(33, 36);
    EXPECT_EQ(after.transitions(), (Transitions{"resolved"}));
  }
}

TEST(OrphanedAlert, OfAGroupOfEntitiesThatIsGoneIsResolvedEvenInSilence) {
  auto options = quick_options({quick_rule("error_rate"), quick_rule("requests")});
  const auto state = state_while_firing(options);
  options.entities = {{"service", "endpoint"}};
  DetectRun after(options);
  after.restore(state, 33);
  after.watermark(60 * 24);
  EXPECT_EQ(after.transitions(), (Transitions{"resolved"})) << "and nothing is missing of what is not watched";
}

TEST(OrphanedAlert, IsNotMadeOfARuleThatStayed) {
  auto rule = quick_rule("error_rate");
  rule.min_effect = 0.5;
  rule.resolve_after = 5;
  rule.min_count = 50;
  DetectRun after(quick_options({rule}));
  after.restore(state_while_firing(), 33);
  after.incident(33, 36);
  EXPECT_TRUE(after.alerts().empty());
}

}  // namespace
}  // namespace tidewatch
