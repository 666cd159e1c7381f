#include "stream/alert/alerting.h"

#include <gmock/gmock.h>

#include "detectors/decide/ids.h"
#include "tests/unit/stream/alert/alert_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Alerting, PublishesWhatDetectRaisesWithItsIncident) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.happens(raised("a", "resolved", 30));
  ASSERT_THAT(run.told(), ElementsAre("a fired", "a resolved"));
  EXPECT_EQ(run.alerts()[0].incident_id(), incident_id("a"));
  EXPECT_EQ(run.alerts()[1].incident_id(), incident_id("a"));
  ASSERT_THAT(run.incident_transitions(), ElementsAre("opened", "resolved"));
  const auto opened = run.incidents()[0];
  EXPECT_EQ(opened.state(), "open");
  EXPECT_EQ(opened.title(), "service=shop: refusal_rate");
  EXPECT_EQ(opened.why(), "refusal_rate is high.");
  EXPECT_THAT(opened.alerts(), ElementsAre("a"));
  EXPECT_EQ(run.incidents()[1].state(), "resolved");
  EXPECT_EQ(from_proto(run.incidents()[1].ends_at()), minute(30));
}

TEST(Alerting, WaitsUntilNoEarlierAlertCanCome) {
  AlertRun run;
  run.raise(raised("late", "fired", 20));
  run.watermark(19);
  EXPECT_THAT(run.told(), IsEmpty());
  EXPECT_EQ(run.stage().needed_from(), 0);
  run.raise(raised("early", "fired", 15));
  run.watermark(20);
  EXPECT_THAT(run.told(), ElementsAre("early fired", "late fired"));
  EXPECT_EQ(run.alerts()[1].incident_id(), incident_id("early")) << "whichever came first";
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
}

TEST(Alerting, WhatHappensAtOneTimeIsOneChangeOfTheIncident) {
  AlertRun run;
  for (const char* endpoint : {"/a", "/b", "/c"}) run.raise(raised(endpoint, "fired", 10, endpoint));
  run.watermark(10);
  ASSERT_THAT(run.incident_transitions(), ElementsAre("opened"));
  EXPECT_EQ(run.incidents()[0].alerts_size(), 3);
  EXPECT_EQ(run.incidents()[0].title(), "service=shop: refusal_rate and 2 more");
}

TEST(Alerting, IncidentsTellWhatJoinsAndWhatWorsens) {
  AlertRun run;
  run.happens(raised("a", "fired", 10, "/a"));
  run.happens(raised("b", "fired", 15, "/b"));
  run.happens(raised("a", "escalated", 20, "/a", "page"));
  run.happens(raised("b", "resolved", 25, "/b"));
  run.happens(raised("a", "resolved", 30, "/a", "page"));
  run.happens(raised("a", "fired", 40, "/a", "page"));
  EXPECT_THAT(run.incident_transitions(), ElementsAre("opened", "joined", "escalated", "resolved", "reopened"));
  EXPECT_EQ(run.incidents()[2].severity(), "page");
  EXPECT_EQ(run.incidents()[2].lead(), "a");
}

TEST(Alerting, ATransitionThatComesAgainIsNotPublishedAgain) {
  AlertRun run;
  for (int i = 0; i < 2; ++i) {
    run.happens(raised("a", "fired", 10));
    run.happens(raised("a", "resolved", 30));
  }
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a resolved"));
}

TEST(Alerting, AcknowledgingIsToldOnceAndStays) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(acknowledge("a"), 11, "c1");
  run.command(acknowledge("a"), 11, "c1");
  run.happens(raised("a", "escalated", 20, "", "page"));
  ASSERT_THAT(run.told(), ElementsAre("a fired", "a acknowledged", "a escalated"));
  EXPECT_EQ(run.alerts()[1].acknowledged().by(), "ada");
  EXPECT_EQ(run.alerts()[1].acknowledged().comment(), "mine");
  EXPECT_EQ(from_proto(run.alerts()[1].observed_at()), minute(11));
  EXPECT_TRUE(run.alerts()[2].has_acknowledged());
  EXPECT_EQ(run.count("repeated_commands"), 1u);
  run.command(unacknowledge("a"), 21, "c2");
  EXPECT_EQ(run.told().back(), "a unacknowledged");
  EXPECT_FALSE(run.alerts().back().has_acknowledged());
  EXPECT_THAT(run.incident_transitions(), ElementsAre("opened", "acknowledged", "escalated", "unacknowledged"));
}

TEST(Alerting, AnIncidentIsAcknowledgedWithWhatJoinsUnlessThatIsWorse) {
  AlertRun run;
  run.happens(raised("a", "fired", 10, "/a"));
  run.command(acknowledge("", incident_id("a")), 11, "c1");
  run.happens(raised("b", "fired", 12, "/b"));
  run.happens(raised("c", "fired", 14, "/c", "page"));
  EXPECT_TRUE(run.alerts()[2].has_acknowledged());
  EXPECT_FALSE(run.alerts()[3].has_acknowledged()) << "a page among tickets is news";
}

TEST(Alerting, ACommandWithoutTargetIsCounted) {
  AlertRun run;
  run.command(acknowledge("nobody"), 1, "c1");
  run.command(unacknowledge("nobody"), 1, "c2");
  run.command(expire("nothing"), 1, "c3");
  EXPECT_THAT(run.told(), IsEmpty());
  EXPECT_EQ(run.count("commands_without_target", "acknowledge"), 1u);
  EXPECT_EQ(run.count("commands_without_target", "unacknowledge"), 1u);
  EXPECT_EQ(run.count("commands_without_target", "expire_silence"), 1u);
}

TEST(Alerting, ASilencedAlertIsPublishedAndMarked) {
  AlertRun run;
  run.command(silence("endpoint", "/a", 0, 20), 0, "s1");
  run.happens(raised("a", "fired", 10, "/a"));
  run.happens(raised("b", "fired", 10, "/b"));
  ASSERT_THAT(run.told(), ElementsAre("a fired", "b fired"));
  ASSERT_EQ(run.alerts()[0].suppressed_by_size(), 1);
  EXPECT_EQ(run.alerts()[0].suppressed_by(0).kind(), "silence");
  EXPECT_EQ(run.alerts()[0].suppressed_by(0).id(), "s1");
  EXPECT_THAT(run.alerts()[0].suppressed_by(0).why(), HasSubstr("by ada: mine"));
  EXPECT_EQ(run.alerts()[1].suppressed_by_size(), 0);
  run.watermark(25);
  EXPECT_EQ(run.told().back(), "a unsuppressed") << "its silence ended while it fires";
  EXPECT_EQ(from_proto(run.alerts().back().observed_at()), minute(20));
}

TEST(Alerting, ASilenceTakesEffectOnWhatFiresAndCanBeEnded) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(silence("service", "shop", 11, 60), 11, "s1");
  run.command(expire("s1"), 15, "c2");
  run.watermark(120);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a suppressed", "a unsuppressed"));
  EXPECT_THAT(run.incident_transitions(), ElementsAre("opened", "suppressed", "unsuppressed"));
}

TEST(Alerting, ASilenceOfTheFutureWaits) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(silence("service", "shop", 30, 60), 11, "s1");
  run.watermark(29);
  EXPECT_THAT(run.told(), ElementsAre("a fired"));
  run.watermark(30);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a suppressed"));
}

TEST(Alerting, ADeadProviderSilencesItsSymptoms) {
  AlertRun run;
  v1::Alert provider = raised("p", "fired", 10, "", "page");
  provider.mutable_cause()->set_kind("provider");
  run.raise(raised("symptom", "fired", 10, "/a"));
  run.raise(provider);
  run.watermark(10);
  ASSERT_THAT(run.told(), ElementsAre("p fired", "symptom fired"));
  EXPECT_EQ(run.alerts()[0].suppressed_by_size(), 0);
  ASSERT_EQ(run.alerts()[1].suppressed_by_size(), 1);
  EXPECT_EQ(run.alerts()[1].suppressed_by(0).kind(), "inhibition");
  EXPECT_EQ(run.alerts()[1].suppressed_by(0).id(), "p");
  run.happens(raised("p", "resolved", 20, "", "page"));
  EXPECT_EQ(run.told().back(), "symptom unsuppressed");
}

TEST(Alerting, ATicketThatNobodyLooksAfterBecomesAPage) {
  AlertOptions options;
  options.escalate_after = 60min;
  AlertRun run(options);
  run.happens(raised("a", "fired", 10, "/a"));
  run.happens(raised("b", "fired", 10, "/b"));
  run.command(acknowledge("b"), 20, "c1");
  run.watermark(69);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "b fired", "b acknowledged"));
  run.watermark(200);
  ASSERT_THAT(run.told(), ElementsAre("a fired", "b fired", "b acknowledged", "a escalated"));
  EXPECT_EQ(run.alerts()[3].severity(), "page");
  EXPECT_EQ(from_proto(run.alerts()[3].observed_at()), minute(70)) << "when it was due, not when it was noticed";
  EXPECT_THAT(run.alerts()[3].why(), HasSubstr("nobody has acknowledged it"));
  run.happens(raised("a", "resolved", 210, "/a"));
  EXPECT_EQ(run.alerts()[4].severity(), "page") << "that it escalated stays";
}

TEST(Alerting, ABudgetSaysItselfWhatPages) {
  AlertOptions options;
  options.escalate_after = 60min;
  AlertRun run(options);
  auto spent = raised("a", "fired", 10, "/a");
  spent.set_kind("budget");
  run.happens(spent);
  run.command(acknowledge("a"), 20, "c1");
  run.command(unacknowledge("a"), 30, "c2");
  run.watermark(1000);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a acknowledged", "a unacknowledged"));
}

TEST(Alerting, AnSloSaysItselfWhatPages) {
  AlertOptions options;
  options.escalate_after = 60min;
  AlertRun run(options);
  auto burning = raised("a", "fired", 10, "/a");
  burning.set_kind("slo");
  run.happens(burning);
  auto spent = raised("b", "fired", 11, "/a");
  spent.set_kind("slo_budget");
  run.happens(spent);
  run.happens(raised("c", "fired", 12, "/a"));
  run.command(acknowledge("c"), 13, "c1");
  run.watermark(1000);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "b fired", "c fired", "c acknowledged"));
  const auto incident_of = [&](size_t i) { return run.alerts()[i].incident_id(); };
  EXPECT_EQ(incident_of(0), incident_of(2)) << "that it burns belongs to what happens";
  EXPECT_NE(incident_of(0), incident_of(1)) << "that a share is spent stays open for weeks";
}

TEST(Alerting, TheEndOfAllInputIsNoTime) {
  AlertOptions options;
  options.escalate_after = 60min;
  AlertRun run(options);
  run.raise(raised("a", "fired", 10));
  OutputBatch out("alert");
  run.stage().on_watermark(kMaxTimestamp, out);
  size_t alerts = 0;
  for (const Output& output : out.outputs()) alerts += output.stream == Stream::alerts ? 1 : 0;
  EXPECT_EQ(alerts, 1u) << "it fired, and did not escalate";
}

TEST(Alerting, ARunbookIsNamed) {
  AlertOptions options;
  options.runbooks = {{{LabelMatcher::parse("measure=cost").value()}, "https://example.com/cost"},
                      {{LabelMatcher::parse("measure=~refusal.*").value()}, "https://example.com/refusals"}};
  AlertRun run(options);
  run.happens(raised("a", "fired", 10));
  EXPECT_EQ(run.alerts()[0].runbook(), "https://example.com/refusals");
  EXPECT_EQ(run.incidents()[0].runbook(), "https://example.com/refusals");
}

TEST(Alerting, WhatCannotBeReadIsADeadLetter) {
  AlertRun run;
  run.feed("\xff\xff");
  run.feed("");
  run.raise(v1::Alert());
  run.command(v1::Command(), 1, "c1");
  EXPECT_EQ(run.dead_letters(), 4u);
  EXPECT_EQ(run.count("bad_raised"), 3u);
  EXPECT_EQ(run.count("bad_commands", "bad_command"), 1u);
}

TEST(Alerting, ForgetsWhatIsLongOver) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(silence("service", "desk", 10, 20), 10, "s1");
  run.happens(raised("a", "resolved", 30));
  EXPECT_EQ(run.state().size(), 3u);
  run.watermark(61);
  EXPECT_TRUE(run.state().contains("silence/s1"));
  run.watermark(21 + 24 * 60);
  EXPECT_FALSE(run.state().contains("silence/s1"));
  EXPECT_TRUE(run.state().contains("command/s1"));
  run.watermark(11 + 7 * 24 * 60);
  EXPECT_FALSE(run.state().contains("command/s1"));
  EXPECT_TRUE(run.state().contains("alert/a")) << "people have a week from its end to mark it";
  run.watermark(31 + 7 * 24 * 60);
  EXPECT_THAT(run.state(), IsEmpty());
}

TEST(Alerting, ForgetsNothingThatARestartWouldBringAgain) {
  AlertRun run;
  run.raise(raised("later", "fired", 300));  // of a task that is far ahead: a restart replays from here
  run.happens(raised("a", "fired", 10));
  run.happens(raised("a", "resolved", 30));
  run.watermark(120);
  EXPECT_EQ(run.stage().needed_from(), 0);
  EXPECT_TRUE(run.state().contains("alert/a"));
  AlertRun after;
  after.restore(run.state(), 120);
  after.happens(raised("a", "fired", 10));
  EXPECT_THAT(after.told(), IsEmpty()) << "it was published before the restart";
  run.watermark(300);
  run.watermark(31 + 7 * 24 * 60);
  EXPECT_FALSE(run.state().contains("alert/a"));
}

TEST(Alerting, ASilenceThatIsReplacedIsNoChangeForPeople) {
  AlertRun run;
  run.command(silence("service", "shop", 0, 60), 0, "s1");
  run.happens(raised("a", "fired", 10));
  auto longer = silence("service", "shop", 0, 90);
  longer.mutable_silence()->set_id("s1");
  run.command(longer, 20, "c2");
  EXPECT_THAT(run.told(), ElementsAre("a fired"));
  run.happens(raised("a", "resolved", 30));
  ASSERT_EQ(run.alerts().size(), 2u);
  EXPECT_EQ(run.alerts()[1].suppressed_by_size(), 1);
}

TEST(Alerting, ARestoredOneGoesOnAsBefore) {
  AlertOptions options;
  options.escalate_after = 60min;
  AlertRun before(options);
  before.happens(raised("a", "fired", 10, "/a"));
  before.command(silence("endpoint", "/b", 10, 100), 10, "s1");
  before.command(acknowledge("a"), 11, "c1");
  before.happens(raised("b", "fired", 15, "/b"));
  AlertRun after(options);
  after.restore(before.state(), 15);
  for (AlertRun* run : {&before, &after}) {
    run->command(acknowledge("a"), 11, "c1");
    run->happens(raised("b", "fired", 15, "/b"));  // a replay
    run->happens(raised("c", "fired", 16, "/c"));
    run->watermark(200);
  }
  const auto whole = before.told();
  EXPECT_THAT(whole, ElementsAre("a fired", "a acknowledged", "b fired", "c fired", "b escalated", "c escalated",
                                 "b unsuppressed"));
  EXPECT_EQ(after.told(), (std::vector<std::string>(whole.begin() + 3, whole.end())));
  EXPECT_EQ(after.alerts()[0].incident_id(), incident_id("a"));
  EXPECT_EQ(before.state(), [&] {
    auto merged = before.state();
    for (const auto& [key, value] : after.state()) merged[key] = value;
    return merged;
  }());
}

TEST(Alerting, StateThatIsNoneIsRefused) {
  AlertRun run;
  for (const char* key : {"alert/a", "silence/s", "command/c", "other/x"})
    EXPECT_FALSE(run.stage().restore(key, "\xff\xff").ok()) << key;
}

}  // namespace
}  // namespace tidewatch
