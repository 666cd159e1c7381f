#include "stream/alert/mark.h"

#include <gmock/gmock.h>

#include "tests/unit/stream/alert/alert_run.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;

v1::Command mark(const std::string& alert, const std::string& verdict) {
  v1::Command out;
  out.mutable_mark()->add_alert_ids(alert);
  out.mutable_mark()->set_verdict(verdict);
  return out;
}

TEST(Mark, AnAlertThatIsFalseIsToldToNobodyAnyMore) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "false"), 12, "c1");
  ASSERT_THAT(run.told(), ElementsAre("a fired", "a marked"));
  const v1::Alert marked = run.alerts().back();
  EXPECT_EQ(marked.state(), "firing");
  EXPECT_EQ(marked.mark().verdict(), "false");
  EXPECT_EQ(marked.mark().by(), "ada");
  ASSERT_EQ(marked.suppressed_by_size(), 1);
  EXPECT_EQ(marked.suppressed_by(0).kind(), "mark");
  EXPECT_EQ(marked.suppressed_by(0).why(), "marked as false by ada: mine");
  EXPECT_EQ(run.count("marked_alerts", "false"), 1u);
}

TEST(Mark, WhatGetsWorseIsToldAllTheSame) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "false"), 12, "c1");
  run.happens(raised("a", "escalated", 20, "", "page"));
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a marked", "a escalated"));
  EXPECT_EQ(run.alerts().back().suppressed_by_size(), 0);
  EXPECT_EQ(run.alerts().back().mark().verdict(), "false");
}

TEST(Mark, OneThatIsTrueIsToldOn) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "true"), 12, "c1");
  EXPECT_EQ(run.alerts().back().mark().verdict(), "true");
  EXPECT_EQ(run.alerts().back().suppressed_by_size(), 0);
}

TEST(Mark, TakenBackItIsToldAgain) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "false"), 12, "c1");
  run.command(mark("a", "none"), 13, "c2");
  EXPECT_FALSE(run.alerts().back().has_mark());
  EXPECT_EQ(run.alerts().back().suppressed_by_size(), 0);
}

TEST(Mark, NobodyEscalatesWhatSomebodyLookedInto) {
  AlertOptions options;
  options.escalate_after = std::chrono::minutes(60);
  AlertRun run(options);
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "true"), 12, "c1");
  run.watermark(200);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a marked"));
}

TEST(Mark, NorWhenItFiresAgain) {
  AlertOptions options;
  options.escalate_after = std::chrono::minutes(60);
  AlertRun run(options);
  run.happens(raised("a", "fired", 10));
  run.command(mark("a", "false"), 12, "c1");
  run.happens(raised("a", "resolved", 20));
  run.happens(raised("a", "fired", 30));
  run.watermark(200);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a marked", "a resolved", "a fired"));
}

TEST(Mark, APastAlertCanBeMarkedForAWeek) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.happens(raised("a", "resolved", 20));
  run.happens(raised("b", "fired", 600));  // the incident of the first is long forgotten
  run.command(mark("a", "false"), 601, "c1");
  ASSERT_EQ(run.told().back(), "a marked");
  EXPECT_EQ(run.alerts().back().state(), "resolved");

  AlertRun restarted;
  restarted.restore(run.state(), 601);
  restarted.watermark(700);
  restarted.command(mark("a", "true"), 701, "c2");
  EXPECT_THAT(restarted.told(), ElementsAre("a marked"));

  run.watermark(7 * 1440 + 21);
  EXPECT_FALSE(run.state().contains("alert/a"));
  run.command(mark("a", "true"), 7 * 1440 + 22, "c3");
  EXPECT_EQ(run.count("commands_without_target", "mark"), 1u);
}

TEST(Mark, APastAlertThatFiresAgainKeepsItsMark) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.happens(raised("a", "resolved", 20));
  run.watermark(300);
  run.command(mark("a", "false"), 301, "c1");
  auto again = raised("a", "fired", 310);
  again.set_reopened(true);
  run.happens(again);
  EXPECT_EQ(run.told().back(), "a fired");
  EXPECT_EQ(run.alerts().back().mark().verdict(), "false");
  EXPECT_EQ(run.alerts().back().suppressed_by_size(), 1);
}

TEST(Mark, AReplayOfAPastAlertIsNotPublishedAgain) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.happens(raised("a", "resolved", 20));
  run.watermark(300);
  run.raise(raised("a", "fired", 10));
  run.raise(raised("a", "resolved", 20));
  run.watermark(301);
  EXPECT_THAT(run.told(), ElementsAre("a fired", "a resolved"));
}

v1::Command expect_event(const std::string& service, double from, double until) {
  v1::Command out;
  auto* matcher = out.mutable_expect()->add_matchers();
  matcher->set_name("service");
  matcher->set_value(service);
  *out.mutable_expect()->mutable_from() = to_proto(minute(from));
  *out.mutable_expect()->mutable_until() = to_proto(minute(until));
  return out;
}

TEST(ExpectedEventState, IsKeptForThoseWhoListItUntilADayAfterItsEnd) {
  AlertRun run;
  run.happens(raised("a", "fired", 10));
  run.command(expect_event("shop", 20, 30), 11, "launch");
  v1::ExpectedState state;
  ASSERT_TRUE(state.ParseFromString(run.state().at("expected/launch")));
  EXPECT_EQ(state.by(), "ada");
  EXPECT_EQ(state.event().id(), "launch");

  v1::Command end;
  end.mutable_unexpect()->set_event_id("launch");
  run.command(end, 25, "end");
  ASSERT_TRUE(state.ParseFromString(run.state().at("expected/launch")));
  EXPECT_EQ(from_proto(state.event().until()), minute(25));
  run.command(end, 26, "again");
  EXPECT_EQ(run.count("commands_without_target", "unexpect"), 1u);

  AlertRun restarted;
  restarted.restore(run.state(), 26);
  restarted.watermark(25 + 1441);
  EXPECT_TRUE(restarted.state().empty() || !restarted.state().contains("expected/launch"));
}

}  // namespace
}  // namespace tidewatch
