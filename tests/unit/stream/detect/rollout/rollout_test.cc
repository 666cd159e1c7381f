// Rollouts as Detect decides them: from partials of random groups to decisions.
#include <gmock/gmock.h>

#include "stream/publish/timestamps.h"
#include "stream/rollout/rollout_key.h"
#include "tests/unit/stream/detect/detect_run.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DetectOptions rollout_options() {
  DetectOptions out = quick_options();
  RolloutRule& rule = out.rollouts.emplace_back();
  rule.name = "prompt-v13";
  rule.plan.steps = {0.5};
  rule.plan.hold = 10min;
  rule.plan.warm_up = 0s;
  rule.guards = {{"error_rate", 0.02, false, false}, {"latency_p95", 0.2, true, false}};
  return out;
}

/// A minute of both arms, each with four requests in every group; of the treatment `bad` groups fail.
void feed_minute(DetectRun& run, double minute, size_t bad, double latency = 1.0, bool has_treatment = true) {
  for (size_t group = 0; group < kRandomGroups; ++group) {
    for (const Arm arm : {Arm::control, Arm::treatment}) {
      if (arm == Arm::treatment && !has_treatment) continue;
      const size_t turn = (group + static_cast<size_t>(minute)) % kRandomGroups;  // nobody is always the one
      const bool fails = turn % 16 == 0 && arm == Arm::control;
      const bool fails_more = arm == Arm::treatment && turn < bad;
      const double of = arm == Arm::treatment ? latency : 1.0;
      const auto spread = static_cast<double>(group) / 100;
      run.feed(
          PartialOf(rollout_key(RolloutKey{"prompt-v13", arm, group}), minute)
              .requests(4)
              .rate("error_rate", fails || fails_more ? 1 : 0, 4)
              .values("latency", {of * (0.5 + spread), of * (0.8 + spread), of * (1 + spread), of * (2 + spread)}));
    }
  }
}

std::vector<v1::RolloutDecision> decisions(const DetectRun& run, OutputBatch& out) {
  std::vector<v1::RolloutDecision> decided;
  for (const Output& output : out.outputs()) {
    if (output.stream == Stream::rollouts) decided.emplace_back().ParseFromString(output.value);
  }
  EXPECT_EQ(run.published(Stream::rollouts), decided.size());
  return decided;
}
std::vector<std::string> told(DetectRun& run) {
  std::vector<std::string> out;
  for (const auto& decision : decisions(run, run.out())) out.push_back(decision.decision() + " " + decision.because());
  return out;
}

std::string command(const std::string& action, const std::string& id, double at) {
  v1::Partial out;
  out.mutable_command()->set_id(id);
  *out.mutable_command()->mutable_at() = to_proto(minute(at));
  out.mutable_command()->mutable_rollout()->set_name("prompt-v13");
  out.mutable_command()->mutable_rollout()->set_action(action);
  return out.SerializeAsString();
}

TEST(DetectRollouts, AGoodTreatmentIsPromotedAndSaysWhy) {
  DetectRun run(rollout_options());
  for (double m = 0; m < 60; ++m) {
    feed_minute(run, m, 4);
    run.watermark(m + 1);
  }
  EXPECT_THAT(told(run), ElementsAre("start begun", "promote good_enough"));
  const auto end = decisions(run, run.out()).back();
  EXPECT_EQ(end.step(), 100);
  EXPECT_EQ(end.reason(), "no guard is worse than allowed");
  ASSERT_EQ(end.guards_size(), 2);
  EXPECT_EQ(end.guards(0).verdict(), "same");
  EXPECT_EQ(end.guards(0).margin(), "2 points");
  EXPECT_EQ(end.guards(1).unit(), "seconds");
  EXPECT_EQ(end.guards(1).margin(), "20 %");
  EXPECT_NEAR(end.guards(1).limit(), 0.2 * end.guards(1).control(), 1e-9);
  EXPECT_EQ(end.config_version(), "v1");
  EXPECT_THAT(run.alerts(), IsEmpty());
  EXPECT_EQ(run.stage().entities(), 0U) << "random groups are no entities";
}

TEST(DetectRollouts, ABadOneIsRolledBackWithTheGuardNamed) {
  DetectRun run(rollout_options());
  for (double m = 0; m < 30; ++m) {
    feed_minute(run, m, 40);
    run.watermark(m + 1);
  }
  EXPECT_THAT(told(run), ElementsAre("start begun", "rollback guard_failed"));
  const auto end = decisions(run, run.out()).back();
  EXPECT_EQ(end.step(), 0);
  EXPECT_THAT(end.reason(), HasSubstr("error_rate is surely worse than allowed: "));
  EXPECT_THAT(end.reason(), HasSubstr("allowed 2 points"));
  EXPECT_LT(from_proto(end.at()), minute(10)) << "before the holding time is over";
}

TEST(DetectRollouts, ASlowOneIsRolledBackByItsQuantile) {
  DetectRun run(rollout_options());
  for (double m = 0; m < 30; ++m) {
    feed_minute(run, m, 4, 1.8);
    run.watermark(m + 1);
  }
  ASSERT_THAT(told(run), ElementsAre("start begun", "rollback guard_failed"));
  EXPECT_THAT(decisions(run, run.out()).back().reason(), HasSubstr("latency_p95 is surely worse"));
}

TEST(DetectRollouts, RestoredAfterAnyMinuteItDecidesTheSameOnce) {
  const auto whole = [] {
    DetectRun run(rollout_options());
    for (double m = 0; m < 30; ++m) {
      feed_minute(run, m, 4, 1, m < 3 || m > 15);
      run.watermark(m + 1);
    }
    return told(run);
  }();
  EXPECT_THAT(whole, ElementsAre("start begun", "hold no_data", "promote good_enough"));
  for (int cut = 1; cut < 30; cut += 4) {
    DetectRun before(rollout_options());
    for (double m = 0; m < cut; ++m) {
      feed_minute(before, m, 4, 1, m < 3 || m > 15);
      before.watermark(m + 1);
    }
    DetectRun after(rollout_options());
    // What was read again, the last two minutes, changes nothing.
    for (const auto& [key, value] : before.state()) EXPECT_TRUE(after.stage().restore(key, value).ok());
    after.stage().resume(minute(cut));
    for (double m = std::max(0, cut - 2); m < 30; ++m) {
      feed_minute(after, m, 4, 1, m < 3 || m > 15);
      after.watermark(m + 1);
    }
    auto all = told(before);
    for (const auto& one : told(after)) all.push_back(one);
    EXPECT_EQ(all, whole) << "after " << cut << " minutes";
  }
}

TEST(DetectRollouts, PeopleOrderADrillBeforeAnyTrafficAndOnce) {
  DetectRun run(rollout_options());
  const std::string key = rollout_key("prompt-v13");
  run.feed(key, command("drill", "c1", 1));
  run.feed(key, command("drill", "c1", 1));  // it came twice
  ASSERT_THAT(told(run), ElementsAre("rollback person"));
  const auto drill = decisions(run, run.out()).front();
  EXPECT_TRUE(drill.drill());
  EXPECT_EQ(from_proto(drill.last_drill()), minute(1));
  EXPECT_THAT(drill.reason(), HasSubstr("a drill"));
  DetectRun after(rollout_options());
  after.restore(run.state(), 1);
  after.feed(key, command("drill", "c1", 1));
  EXPECT_THAT(told(after), IsEmpty());
  after.feed(key, command("promote", "c2", 2));
  EXPECT_THAT(told(after), ElementsAre("promote person"));
}

TEST(DetectRollouts, ShadowModeDecidesAndTellsNobody) {
  DetectOptions options = rollout_options();
  options.is_shadow = true;
  DetectRun run(options);
  for (double m = 0; m < 30; ++m) {
    feed_minute(run, m, 40);
    run.watermark(m + 1);
  }
  EXPECT_EQ(run.published(Stream::rollouts), 0U);
}

TEST(DetectRollouts, ThoseThatAreJudgedOtherwiseBeginAnew) {
  DetectRun run(rollout_options());
  feed_minute(run, 0, 4);
  run.watermark(1);
  DetectOptions changed = rollout_options();
  changed.rollouts[0].guards[0].by = 0.05;
  DetectRun after(changed);
  after.restore(run.state(), 1);
  feed_minute(after, 1, 4);
  after.watermark(2);
  EXPECT_THAT(told(after), ElementsAre("start begun"));
}

TEST(DetectRollouts, LateGroupsAreCountedAndLeftOut) {
  DetectRun run(rollout_options());
  feed_minute(run, 0, 4);
  run.watermark(5);
  feed_minute(run, 1, 4);
  EXPECT_EQ(run.count("late_rollout_partials"), 2 * kRandomGroups);
  EXPECT_EQ(run.count("late_partials"), 0U);
}

TEST(DetectRollouts, TheLargestFitsIntoARecord) {
  DetectOptions options = quick_options();
  RolloutRule& rule = options.rollouts.emplace_back();
  rule.name = "prompt-v13";
  rule.plan.steps = {0.01, 0.02, 0.05, 0.1, 0.25, 0.5};
  rule.plan.hold = 1min;
  rule.plan.warm_up = 0s;
  rule.plan.checks_sample_ratio = false;
  for (const auto* measure : {"latency_p50", "latency_p95", "llm_latency_p95", "time_to_first_token_p95"})
    rule.guards.push_back({measure, 5, true, false});
  DetectRun run(options);
  // Values over four decades, each class of them taken in each step, many times.
  Aggregate values(MeasureKind::distribution);
  for (double value = 0.01; value < 100; value *= 1.05) values.add_value(value, 3);
  for (double m = 0; m < 6; ++m) {
    for (size_t group = 0; group < kRandomGroups; ++group)
      for (const Arm arm : {Arm::control, Arm::treatment}) {
        PartialOf partial(rollout_key(RolloutKey{"prompt-v13", arm, group}), m);
        partial.requests(600);
        for (const auto* measure : {"latency", "llm_latency", "time_to_first_token"}) partial.add(measure, values);
        run.feed(partial);
      }
    run.watermark(m + 1);
  }
  EXPECT_THAT(told(run), testing::Contains("advance step_passed").Times(5));
  EXPECT_LT(run.state().at("rollout/prompt-v13").size(), 900'000U);
  options.rollouts[0].guards.push_back({"retrieval_latency_p95", 5, true, false});
  EXPECT_EQ(Detect::make(options).error().code, "bad_rollout");
}

TEST(DetectRollouts, WhatIsOverIsForgottenAndNotWrittenAgain) {
  DetectRun run(rollout_options());
  for (double m = 0; m < 20; ++m) {
    feed_minute(run, m, 40);
    run.watermark(m + 1);
  }
  ASSERT_THAT(told(run), ElementsAre("start begun", "rollback guard_failed"));
  EXPECT_LT(run.state().at("rollout/prompt-v13").size(), 1000U);
  const size_t written = run.published(Stream::state);
  for (double m = 20; m < 30; ++m) {
    feed_minute(run, m, 4, 1, false);
    run.watermark(m + 1);
  }
  EXPECT_EQ(run.published(Stream::state), written);
}

TEST(DetectRollouts, AGuardThatIsASumOrNothingIsAnError) {
  for (const auto& [measure, reason] : {std::pair("cost", "share unequally"), std::pair("no_such", "is no measure")}) {
    DetectOptions options = rollout_options();
    options.rollouts[0].guards[0].measure = measure;
    const auto made = Detect::make(options);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, "bad_measure");
    EXPECT_THAT(made.error().message, AllOf(HasSubstr(measure), HasSubstr(reason)));
  }
}

}  // namespace
}  // namespace tidewatch
