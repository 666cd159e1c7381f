// What people command, as Detect takes it.
#include <gmock/gmock.h>

#include "stream/publish/timestamps.h"
#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string of_command(v1::Command command, const std::string& id, double at) {
  command.set_id(id);
  *command.mutable_at() = to_proto(minute(at));
  v1::Partial out;
  *out.mutable_command() = std::move(command);
  return out.SerializeAsString();
}

std::string mark(const std::string& alert, const std::string& verdict, double at) {
  v1::Command out;
  out.mutable_mark()->add_alert_ids(alert);
  out.mutable_mark()->set_verdict(verdict);
  return of_command(out, "mark", at);
}

std::string expect_event(double from, double until, const std::string& service = "shop") {
  v1::Command out;
  auto* matcher = out.mutable_expect()->add_matchers();
  matcher->set_name("service");
  matcher->set_value(service);
  *out.mutable_expect()->mutable_from() = to_proto(minute(from));
  *out.mutable_expect()->mutable_until() = to_proto(minute(until));
  return of_command(out, "launch", from);
}

std::string unexpect(double at) {
  v1::Command out;
  out.mutable_unexpect()->set_event_id("launch");
  return of_command(out, "end", at);
}

/// A small incident: a share of errors just large enough for an alert.
void small_incident(DetectRun& run, double from, int errors) {
  for (double m = from; m < from + 2; ++m) {
    run.feed(traffic(kShop, m, errors));
    run.watermark(m + 1);
  }
}

size_t fired(const DetectRun& run) {
  size_t out = 0;
  for (const auto& transition : run.transitions()) out += transition == "fired" ? 1 : 0;
  return out;
}

TEST(DetectCommands, ASeriesLearnsWhatPeopleMarkAsFalse) {
  const auto run_with = [](bool is_marked) {
    DetectRun run;
    run.calm(0, 60);
    small_incident(run, 60, 9);
    EXPECT_EQ(fired(run), 1u);
    if (is_marked) run.feed("mark", mark(run.alerts()[0].id(), "false", 63));
    EXPECT_EQ(run.count("taught_series", "false"), is_marked ? 1u : 0u);
    run.calm(62, 100);
    small_incident(run, 100, 9);
    return fired(run);
  };
  EXPECT_EQ(run_with(false), 2u);
  EXPECT_EQ(run_with(true), 1u) << "no more is told of the like";
}

TEST(DetectCommands, WhatIsFarMoreSurprisingIsToldStill) {
  DetectRun run;
  run.calm(0, 60);
  small_incident(run, 60, 9);
  run.feed("mark", mark(run.alerts()[0].id(), "false", 63));
  run.calm(62, 100);
  run.incident(100, 103);
  EXPECT_EQ(fired(run), 2u);
}

TEST(DetectCommands, AMarkSurvivesARestart) {
  DetectRun run;
  run.calm(0, 60);
  small_incident(run, 60, 9);
  run.calm(62, 80);
  run.feed("mark", mark(run.alerts()[0].id(), "false", 80));
  DetectRun restarted;
  restarted.restore(run.state(), 80);
  restarted.calm(80, 100);
  small_incident(restarted, 100, 9);
  EXPECT_THAT(restarted.transitions(), IsEmpty());
}

TEST(DetectCommands, AMarkOfWhatItDoesNotKnowIsNotCounted) {
  DetectRun run;
  run.calm(0, 10);
  run.feed("mark", mark("0123456789abcdef0123456789abcdef", "false", 11));
  EXPECT_EQ(run.count("taught_series", "false"), 0u);
  EXPECT_EQ(run.published(Stream::dead_letter), 0u);
}

TEST(DetectCommands, AnExpectedEventRaisesNothingAndIsNotLearnt) {
  DetectRun run;
  run.calm(0, 60);
  run.feed("launch", expect_event(60, 75));
  run.incident(60, 75);
  EXPECT_THAT(run.transitions(), IsEmpty());
  EXPECT_NEAR(value_of(run.scores().back(), "error_rate"), 0.6, 1e-9) << "scores are published as always";
  run.calm(75, 80);
  run.incident(80, 82);
  ASSERT_EQ(fired(run), 1u) << "errors are as unusual as before";
  EXPECT_NEAR(run.alerts()[0].expected(), 0.01, 0.01);
}

TEST(DetectCommands, WithoutTheEventItAlerts) {
  DetectRun run;
  run.calm(0, 60);
  run.feed("launch", expect_event(60, 75, "other"));
  run.incident(60, 75);
  EXPECT_EQ(fired(run), 1u);
}

TEST(DetectCommands, AnAlertThatFiresOutlastsTheEvent) {
  DetectRun run;
  run.calm(0, 60);
  run.incident(60, 65);
  run.feed("launch", expect_event(65, 200));
  run.calm(65, 200);
  EXPECT_THAT(run.transitions(), ElementsAre("fired")) << "nothing is decided meanwhile";
  run.calm(200, 210);
  EXPECT_THAT(run.transitions(), ElementsAre("fired", "resolved"));
}

TEST(DetectCommands, AnEventCanBeEnded) {
  DetectRun run;
  run.calm(0, 60);
  run.feed("launch", expect_event(60, 600));
  run.calm(60, 70);
  run.feed("end", unexpect(70));
  run.incident(70, 75);
  EXPECT_EQ(fired(run), 1u);
}

TEST(DetectCommands, AnEventSurvivesARestartAndIsForgottenADayAfterItsEnd) {
  DetectRun run;
  run.calm(0, 60);
  run.feed("launch", expect_event(60, 75));
  run.calm(60, 62);
  ASSERT_TRUE(run.state().contains("expected/launch"));
  DetectRun restarted;
  restarted.restore(run.state(), 62);
  restarted.incident(62, 75);
  EXPECT_THAT(restarted.transitions(), IsEmpty());
  restarted.calm(75 + 1440, 75 + 1442);
  EXPECT_EQ(restarted.count("forgotten_entities"), 0u);
  bool is_forgotten = false;
  for (const Output& output : restarted.out().outputs())
    is_forgotten |= output.stream == Stream::state && output.key == "expected/launch" && output.value.empty();
  EXPECT_TRUE(is_forgotten);
}

TEST(DetectCommands, TheConfigNamesEventsToo) {
  auto options = quick_options();
  options.expected_events = {{"sale", {*LabelMatcher::parse("service=~sh.*")}, minute(60), minute(75)}};
  DetectRun run(options);
  run.calm(0, 60);
  run.incident(60, 75);
  EXPECT_THAT(run.transitions(), IsEmpty());
}

TEST(DetectCommands, SafetyIsWatchedAlways) {
  auto rule = quick_rule("unsafe_rate");
  rule.severity = Severity::page;
  auto options = quick_options({rule});
  options.expected_events = {{"sale", {}, minute(0), minute(1000)}};
  DetectRun run(options);
  for (double m = 0; m < 62; ++m) {
    run.feed(PartialOf(kShop, m).requests(100).rate("unsafe_rate", m < 60 ? 0 : 60, 100));
    run.watermark(m + 1);
  }
  EXPECT_EQ(fired(run), 1u);
}

TEST(ExpectedEvents, EndAfterTheyBegin) {
  v1::Expect event;
  *event.mutable_from() = to_proto(minute(10));
  *event.mutable_until() = to_proto(minute(10));
  EXPECT_EQ(ExpectedEvents::check(event).error().code, "bad_expected_event");
  *event.mutable_until() = to_proto(minute(11));
  EXPECT_TRUE(ExpectedEvents::check(event).ok());
  event.add_matchers()->set_op("==");
  EXPECT_EQ(ExpectedEvents::check(event).error().code, "bad_matcher");
}

}  // namespace
}  // namespace tidewatch
