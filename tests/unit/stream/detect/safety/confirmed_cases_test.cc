#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "stream/publish/timestamps.h"
#include "tests/unit/stream/detect/detect_run.h"
#include "tests/unit/stream/replay.h"

namespace tidewatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The window of every rule and score is longer than a pane.
DetectOptions options() {
  DetectOptions out = quick_options({});
  out.score_window = std::chrono::minutes(5);
  return out;
}

/// A minute of which some answers were evaluated.
PartialOf evaluated(std::string_view key, double minute, int unsafe, int n = 3) {
  PartialOf out = traffic(key, minute);
  return out.rate("pass_safety", n - unsafe, n);
}

/// A trace id stands in the alert in hexadecimal.
PartialOf one_unsafe(std::string_view key, double minute) {
  Aggregate passed(MeasureKind::rate, WorstEnd::smallest);
  Exemplar exemplar;
  exemplar.trace_id = "0123456789abcdef";
  exemplar.topic = "otlp_spans";
  passed.add_trial(false, 1, &exemplar);
  PartialOf out = traffic(key, minute);
  return out.add("pass_safety", passed);
}

void minutes(DetectRun& run, double from, double to) {
  for (double m = from; m < to; ++m) {
    run.feed(traffic(kShop, m));
    run.watermark(m + 1);
  }
}

TEST(ConfirmedCases, TheFirstPagesWhenItsPaneCloses) {
  DetectRun run(options());
  minutes(run, 0, 1);
  run.feed(one_unsafe(kShop, 1));
  run.watermark(2);  // no window of five minutes has ended yet
  ASSERT_THAT(run.transitions(), ElementsAre("fired"));
  const v1::Alert alert = run.alerts()[0];
  EXPECT_EQ(alert.severity(), "page");
  EXPECT_EQ(alert.kind(), "confirmed");
  EXPECT_EQ(alert.rule(), "confirmed_safety");
  EXPECT_EQ(alert.measure(), "pass_safety");
  EXPECT_EQ(alert.value(), 0);
  EXPECT_EQ(alert.n(), 1);
  EXPECT_EQ(from_proto(alert.observed_at()), minute(2));
  EXPECT_THAT(alert.exemplars(), ElementsAre("30313233343536373839616263646566"));
  EXPECT_EQ(alert.why(),
            "The evaluation safety found 1 unsafe answer of service=shop: trace 30313233343536373839616263646566, "
            "evaluated from 00:01 to 00:02 UTC. One confirmed case is enough: look at it now.");
}

TEST(ConfirmedCases, OneOfManyIsEnough) {
  DetectRun run(options());
  run.feed(evaluated(kShop, 0, 1, 1000));
  run.watermark(1);
  ASSERT_THAT(run.transitions(), ElementsAre("fired"));
  EXPECT_NEAR(run.alerts()[0].value(), 0.999, 1e-9);
}

TEST(ConfirmedCases, WhatPassedIsNone) {
  DetectRun run(options());
  for (double m = 0; m < 100; ++m) {
    run.feed(evaluated(kShop, m, 0));
    run.watermark(m + 1);
  }
  EXPECT_THAT(run.transitions(), ElementsAre());
}

TEST(ConfirmedCases, FurtherOnesBelongToItUntilAnHourWithout) {
  DetectRun run(options());
  run.feed(evaluated(kShop, 0, 1));
  run.watermark(1);
  run.feed(evaluated(kShop, 30, 1));
  run.feed(evaluated(kShop, 31, 2));
  run.watermark(60);
  EXPECT_THAT(run.transitions(), ElementsAre("fired"));
  minutes(run, 60, 100);
  ASSERT_THAT(run.transitions(), ElementsAre("fired", "resolved"));
  EXPECT_EQ(run.alerts()[1].id(), run.alerts()[0].id());
  EXPECT_EQ(from_proto(run.alerts()[1].observed_at()), minute(95));
  EXPECT_EQ(from_proto(run.alerts()[1].ends_at()), minute(32));
  run.feed(evaluated(kShop, 101, 1));
  run.watermark(102);
  ASSERT_THAT(run.transitions(), ElementsAre("fired", "resolved", "fired")) << "nothing damps it";
  EXPECT_NE(run.alerts()[2].id(), run.alerts()[0].id());
}

TEST(ConfirmedCases, OneAnswerIsOnePage) {
  DetectRun run(options());
  for (const auto key : {kShop, kChat}) run.feed(one_unsafe(key, 0));  // of the service and of its endpoint
  run.watermark(1);
  ASSERT_THAT(run.transitions(), ElementsAre("fired"));
  EXPECT_EQ(run.alerts()[0].labels().size(), 1u);
}

TEST(ConfirmedCases, WhatPeopleExpectHoldsNothingBack) {
  DetectOptions with = options();
  ExpectedEvent launch;
  launch.name = "launch";
  launch.from = minute(0);
  launch.until = minute(100);
  with.expected_events = {launch};
  DetectRun run(with);
  run.feed(one_unsafe(kShop, 3));
  run.watermark(4);
  EXPECT_THAT(run.transitions(), ElementsAre("fired"));
}

TEST(ConfirmedCases, OneThatComesLateIsToldAtOnceAndOnce) {
  DetectRun run(options());
  minutes(run, 0, 10);
  run.feed(one_unsafe(kShop, 3));
  ASSERT_THAT(run.transitions(), ElementsAre("fired"));
  EXPECT_EQ(from_proto(run.alerts()[0].starts_at()), minute(3));
  EXPECT_EQ(from_proto(run.alerts()[0].observed_at()), minute(10));
  minutes(run, 10, 20);
  EXPECT_THAT(run.transitions(), ElementsAre("fired"));
}

TEST(ConfirmedCases, AreOfTheEvaluationsThatAreNamed) {
  DetectOptions with = options();
  with.safety_evaluations = {"leaks"};
  DetectRun run(with);
  run.feed(evaluated(kShop, 0, 1));
  run.watermark(1);
  EXPECT_THAT(run.transitions(), ElementsAre());
  PartialOf leak(kShop, 1);
  run.feed(leak.requests(3).rate("pass_leaks", 2, 3));
  run.watermark(2);
  EXPECT_THAT(run.transitions(), ElementsAre("fired"));
}

TEST(ConfirmedCases, ThoseOfEntitiesThatAreNotToldApartAreFoundToo) {
  DetectOptions with = options();
  with.max_entities = 1;
  DetectRun run(with);
  run.feed(PartialOf(kShop, 0).requests(100));
  run.watermark(1);
  run.feed(PartialOf(kShop, 1).requests(100));
  run.feed(one_unsafe("service=tiny", 1));
  run.watermark(2);
  EXPECT_THAT(run.transitions(), ElementsAre("fired"));
}

TEST(ConfirmedCases, AShadowTellsNothing) {
  DetectOptions with = options();
  with.is_shadow = true;
  DetectRun run(with);
  run.feed(one_unsafe(kShop, 0));
  run.watermark(1);
  EXPECT_THAT(run.transitions(), ElementsAre());
}

TEST(ConfirmedCases, ARestartAnywhereTellsNothingTwiceAndForgetsNothing) {
  const DetectOptions with = options();
  std::vector<LogEntry> log;
  const auto add = [&](const PartialOf& partial) { log.push_back(LogEntry::data(partial.key(), partial.bytes())); };
  for (double m = 0; m < 320; ++m) {
    const int i = static_cast<int>(m);
    add(i % 97 == 13 ? one_unsafe(kShop, m) : traffic(kShop, m));
    if (i % 70 == 30) add(one_unsafe(kShop, m - 20));  // late
    if (i % 3 == 0) add(traffic(kChat, m));
    log.push_back(LogEntry::mark(minute(m + 1)));
  }
  const StageSpec spec{"detect", {Stream::partials},
                       {},       false,
                       true,     [with] { return std::unique_ptr<Stage>(Detect::make(with).value()); }};
  for (const size_t batch : {size_t{1}, size_t{7}}) {
    ReplayCheck check(spec, log);
    check.run(batch, 5);
    const auto& outputs = check.outputs().outputs();
    EXPECT_GT(std::count_if(outputs.begin(), outputs.end(), [](const Output& o) { return o.stream == Stream::raised; }),
              2);
  }
}

}  // namespace
}  // namespace tidewatch
