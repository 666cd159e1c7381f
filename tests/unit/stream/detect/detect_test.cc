#include "stream/detect/detect.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "stream/publish/timestamps.h"
#include "tests/unit/stream/detect/detect_run.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

double minutes_of(const google::protobuf::Timestamp& time) {
  return static_cast<double>(time.seconds() - minute(0).time_since_epoch().count() / 1'000'000'000) / 60;
}

TEST(Detect, PartialsOfAPaneMergeAndCloseWithTheWatermark) {
  DetectRun run;
  run.feed(traffic(kShop, 0, 1, 40));
  run.feed(traffic(kShop, 0, 2, 60));
  run.watermark(0.99);
  EXPECT_TRUE(run.scores().empty());
  run.watermark(1);
  ASSERT_EQ(run.scores().size(), 1u);
  EXPECT_EQ(find(run.scores()[0], "requests")->value(), 100);
  EXPECT_DOUBLE_EQ(find(run.scores()[0], "error_rate")->value(), 0.03);
  EXPECT_EQ(find(run.scores()[0], "error_rate")->judgement(), "warming_up");
  EXPECT_EQ(find(run.scores()[0], "requests")->judgement(), "unwatched");
  EXPECT_EQ(run.stage().output_watermark(), minute(1));
}

TEST(Detect, AVoteThatWasWithdrawnLeavesNoTrace) {
  DetectRun run;
  Aggregate vote(MeasureKind::rate, WorstEnd::smallest);
  Aggregate withdrawal(MeasureKind::rate, WorstEnd::smallest);
  vote.add_trial(true);
  withdrawal.add_trial(true, -1);
  run.feed(traffic(kShop, 0).add("positive_feedback", vote));
  run.feed(PartialOf(kShop, 0).add("positive_feedback", withdrawal));
  run.feed(PartialOf(kChat, 0).add("positive_feedback", vote));
  run.feed(PartialOf(kChat, 0).add("positive_feedback", withdrawal));
  run.watermark(1);
  ASSERT_EQ(run.scores().size(), 1u);
  EXPECT_EQ(value_of(run.scores()[0], "positive_feedback"), -1);
}

TEST(Detect, APartOfTheIndexWithoutDataCountsAsExpected) {
  DetectRun run(quick_options({quick_rule("error_rate"), quick_rule("positive_feedback")}));
  const auto votes = [](int up, int down) {
    Aggregate out(MeasureKind::rate, WorstEnd::smallest);
    for (int i = 0; i < up + down; ++i) out.add_trial(i < up);
    return out;
  };
  for (double m = 0; m < 20; ++m) {
    run.feed(traffic(kShop, m, 1, 100).add("positive_feedback", votes(30, 10)));
    run.watermark(m + 1);
  }
  run.calm(20, 21);
  const auto scores = run.scores();
  const v1::QualityScore& last = scores.back();
  const auto* feedback = find(last, "positive_feedback");
  ASSERT_NE(feedback, nullptr);
  EXPECT_EQ(feedback->judgement(), "missing");
  EXPECT_FALSE(feedback->has_value());
  EXPECT_NEAR(feedback->expected(), 0.75, 0.02);
  EXPECT_LT(feedback->expected_low(), feedback->expected());
  EXPECT_FALSE(feedback->has_surprise());
  const v1::QualityScore& before = scores[scores.size() - 2];
  EXPECT_NEAR(last.index(), before.index(), 1);
  ASSERT_EQ(last.parts_size(), before.parts_size());
  for (const auto& part : last.parts()) EXPECT_EQ(part.assumed(), part.measure() == "positive_feedback");
  EXPECT_EQ(last.index_change().verdict(), "noise");
}

TEST(Detect, WeightsOfTheIndexAreThoseOfTheConfig) {
  DetectOptions options = quick_options();
  options.index_weights = {{"error_rate", 0}, {"refusal_rate", 7}};
  DetectRun run(options);
  Aggregate refusals(MeasureKind::rate);
  for (int i = 0; i < 10; ++i) refusals.add_trial(i < 4);
  run.feed(traffic(kShop, 0, 50).add("refusal_rate", refusals));
  run.watermark(1);
  ASSERT_EQ(run.scores().size(), 1u);
  const auto score = run.scores()[0];
  for (const auto& part : score.parts()) EXPECT_NE(part.measure(), "error_rate");
  EXPECT_NEAR(score.parts(score.parts_size() - 1).score(), 60, 1e-9);
  options.index_weights = {{"refusl_rate", 1}};
  const auto refused = Detect::make(options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "scores.weights.refusl_rate: there is no such measure");
}

TEST(Detect, ScoresShowWhatCompositionsAreMadeOf) {
  const auto kinds = [](int rate_limits, int timeouts) {
    Aggregate out(MeasureKind::composition);
    for (int i = 0; i < rate_limits; ++i) out.add_category("rate_limit");
    for (int i = 0; i < timeouts; ++i) out.add_category("timeout");
    return out;
  };
  Aggregate many(MeasureKind::composition);
  for (int i = 0; i < 20; ++i) many.add_category("model-" + std::to_string(i), i == 7 ? 21 : 1);
  DetectRun run;
  run.feed(traffic(kShop, 0).add("models", many).add("errors_by_kind", kinds(1, 1)));
  run.feed(PartialOf(kShop, 0).add("errors_by_kind", kinds(5, 1)));
  run.watermark(1);
  ASSERT_EQ(run.scores().size(), 1u);
  const auto score = run.scores()[0];
  const auto& compositions = score.compositions();
  ASSERT_EQ(compositions.size(), 2);
  EXPECT_EQ(compositions[0].measure(), "errors_by_kind");
  EXPECT_EQ(compositions[0].n(), 8);
  ASSERT_EQ(compositions[0].categories_size(), 2);
  EXPECT_EQ(compositions[0].categories(0).name(), "rate_limit");
  EXPECT_DOUBLE_EQ(compositions[0].categories(0).share(), 0.75);
  EXPECT_EQ(compositions[0].categories(1).name(), "timeout");
  EXPECT_DOUBLE_EQ(compositions[0].categories(1).share(), 0.25);
  EXPECT_EQ(compositions[1].measure(), "models");
  ASSERT_EQ(compositions[1].categories_size(), 10);
  EXPECT_EQ(compositions[1].categories(0).name(), "model-7");
  EXPECT_DOUBLE_EQ(compositions[1].categories(0).share(), 21.0 / 40);
  EXPECT_EQ(find(score, "models"), nullptr) << "shares are no single value";
}

TEST(Detect, LatePartialsAreCountedByTheirRequestsOnce) {
  DetectRun run;
  run.calm(0, 3);
  const auto before = run.scores().size();
  run.feed(traffic(kShop, 1, 0, 7));
  run.feed(traffic(kChat, 1, 0, 7));  // the same requests, in another group
  run.watermark(4);
  EXPECT_EQ(run.count("late_partials"), 2u);
  EXPECT_EQ(run.count("late_requests"), 7u);
  EXPECT_EQ(run.scores().size(), before);
}

TEST(Detect, AllowedLatenessKeepsPanesOpen) {
  auto options = quick_options();
  options.allowed_lateness = 2min;
  DetectRun run(options);
  run.feed(traffic(kShop, 0, 1, 40));
  run.watermark(2.9);
  run.feed(traffic(kShop, 0, 1, 60));
  EXPECT_EQ(run.count("late_partials"), 0u);
  run.watermark(3);
  ASSERT_EQ(run.scores().size(), 1u);
  EXPECT_EQ(find(run.scores()[0], "requests")->value(), 100);
}

TEST(Detect, WindowsOfSeveralWidthsHoldTheSamePanes) {
  auto options = quick_options({quick_rule("error_rate", 2min), quick_rule("refusal_rate", 3min)});
  options.score_window = 6min;
  DetectRun run(options);
  for (int m = 0; m < 12; ++m) {
    run.feed(traffic(kShop, m, 1, 10));
    run.watermark(m + 1);
  }
  ASSERT_EQ(run.scores().size(), 2u);
  EXPECT_EQ(find(run.scores()[1], "requests")->value(), 60);
  EXPECT_EQ(minutes_of(run.scores()[1].window_start()), 6);
  EXPECT_EQ(run.scores()[1].window_seconds(), 360);
}

TEST(Detect, NeedsItsInputFromTheOldestWindowThatIsFilling) {
  auto options = quick_options({quick_rule("error_rate", 2min), quick_rule("refusal_rate", 3min)});
  options.score_window = 2min;
  DetectRun run(options);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  for (int m = 0; m < 4; ++m) {  // offsets 0..3
    run.feed(traffic(kShop, m));
    run.watermark(m + 1);
  }
  EXPECT_EQ(run.stage().needed_from(), 3) << "[3, 6) is filling, [4, 6) has not begun";
  run.feed(traffic(kShop, 4));
  run.watermark(6);
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  run.feed(traffic(kShop, 8));  // offset 5
  run.feed(traffic(kShop, 7));  // offset 6
  run.watermark(8);
  EXPECT_EQ(run.stage().needed_from(), 5);
}

TEST(Detect, AnIncidentFiresAndResolvesUnderOneId) {
  DetectRun run;
  run.calm(0, 30);
  run.incident(30, 35);
  run.calm(35, 45);
  ASSERT_EQ(run.transitions(), (std::vector<std::string>{"fired", "resolved"}));
  const auto alerts = run.alerts();
  EXPECT_EQ(alerts[0].id(), alerts[1].id());
  EXPECT_EQ(alerts[0].state(), "firing");
  EXPECT_EQ(alerts[1].state(), "resolved");
  EXPECT_EQ(minutes_of(alerts[0].starts_at()), 30);
  EXPECT_EQ(minutes_of(alerts[0].observed_at()), 31);
  EXPECT_EQ(minutes_of(alerts[1].ends_at()), 35);
  EXPECT_EQ(alerts[0].measure(), "error_rate");
  EXPECT_EQ(alerts[0].labels().at("service"), "shop");
  EXPECT_DOUBLE_EQ(alerts[0].value(), 0.6);
  EXPECT_NEAR(alerts[0].expected(), 0.01, 0.01);
  EXPECT_GT(alerts[0].surprise(), 50);
  EXPECT_EQ(alerts[0].exemplars_size(), alerts[0].offsets_size());
  EXPECT_GT(alerts[0].exemplars_size(), 0);
  EXPECT_EQ(alerts[0].config_version(), "v1");
}

TEST(Detect, MeasuresThatNoLongerVaryTogetherAreNamedAsAPair) {
  DetectorRule rule;
  rule.name = "cost_follows_tokens";
  rule.detector = "comovement";
  rule.settings = {{"warm_up", "60"}, {"season", "false"}};
  rule.measures = {"latency_mean", "output_tokens_per_call_mean"};
  rule.window = 1min;
  rule.min_count = 1;
  DetectRun run(quick_options({rule}));
  // Both vary by a tenth from minute to minute: together, then each on its own.
  std::mt19937_64 draws(1);
  const auto noise = [&] {  // a sum of twelve uniform numbers: nearly normal, the same on every machine
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(draws() >> 11) * 0x1.0p-53;
    return sum;
  };
  for (int m = 0; m < 500; ++m) {
    const double first = 0.1 * noise();
    const double second = m < 400 ? first + 0.02 * noise() : 0.1 * noise();
    const std::vector<double> latencies(20, 1.2 * std::exp(first));
    const std::vector<double> tokens(20, 300 * std::exp(second));
    run.feed(PartialOf(kShop, m).requests(20).values("latency", latencies).values("output_tokens_per_call", tokens));
    run.watermark(m + 1);
  }
  ASSERT_FALSE(run.alerts().empty());
  const v1::Alert alert = run.alerts()[0];
  EXPECT_GE(minutes_of(alert.observed_at()), 400);
  EXPECT_EQ(alert.kind(), "comovement");
  EXPECT_EQ(alert.unit(), "score");
  ASSERT_FALSE(alert.contributions().empty());
  EXPECT_EQ(alert.contributions()[0].measure(), "latency");
  EXPECT_EQ(alert.contributions()[0].with(), "output_tokens_per_call");
  EXPECT_GT(alert.expected(), 0.8);
  EXPECT_LT(alert.value(), alert.expected());
  EXPECT_NE(alert.why().find("latency and output_tokens_per_call on service=shop vary together"), std::string::npos)
      << alert.why();
}

TEST(Detect, TheSameInputGivesTheSameIds) {
  DetectRun one;
  DetectRun two;
  for (DetectRun* run : {&one, &two}) {
    run->calm(0, 30);
    run->incident(30, 32);
  }
  ASSERT_EQ(one.alerts().size(), 1u);
  EXPECT_EQ(one.alerts()[0].SerializeAsString(), two.alerts()[0].SerializeAsString());
}

TEST(Detect, ShadowModePublishesQualityScoresAlone) {
  auto options = quick_options();
  options.is_shadow = true;
  DetectRun run(options);
  run.calm(0, 30);
  run.feed(traffic(kShop, 30, 60).saw("model", "new"));
  run.watermark(31);
  EXPECT_EQ(run.scores().size(), 31u);
  EXPECT_EQ(run.published(Stream::raised) + run.published(Stream::changes), 0u);
}

TEST(Detect, ScoresSayWhatWasSeenExpectedAndHowItWasJudged) {
  DetectRun run;
  run.feed(traffic(kShop, 0).values("latency", {1, 2, 3}));
  run.watermark(1);
  const auto first = run.scores().back();
  EXPECT_FALSE(find(first, "error_rate")->has_expected());
  EXPECT_EQ(find(first, "error_rate")->judgement(), "warming_up");
  EXPECT_EQ(find(first, "latency")->value(), 2);
  EXPECT_EQ(find(first, "latency")->n(), 3);
  ASSERT_NE(find(first, "latency_p95"), nullptr);
  run.calm(1, 30);
  const auto last = run.scores().back();
  const auto* measured = find(last, "error_rate");
  EXPECT_EQ(measured->judgement(), "scored");
  EXPECT_DOUBLE_EQ(measured->value(), 0.01);
  EXPECT_LT(measured->low(), 0.01);
  EXPECT_GT(measured->high(), 0.01);
  EXPECT_NEAR(measured->expected(), 0.01, 0.005);
  EXPECT_LT(measured->surprise(), 5);
  EXPECT_EQ(measured->unit(), "share");
}

TEST(Detect, TheEndOfInputClosesWhatWasBegunAndInventsNoGap) {
  DetectRun run;
  run.calm(0, 20);
  run.feed(traffic(kShop, 20));
  run.watermark(kMaxTimestamp);
  EXPECT_EQ(run.scores().size(), 21u);
  EXPECT_EQ(run.stage().output_watermark(), minute(21));
  EXPECT_EQ(run.stage().needed_from(), kNothingNeeded);
  DetectRun empty;
  empty.watermark(kMaxTimestamp);
  EXPECT_TRUE(empty.out().outputs().empty());
}

TEST(Detect, WhatIsNoPartialOrOfAnotherPaneIsADeadLetter) {
  DetectRun run;
  run.feed(kShop, "\xff\xff");
  run.feed("no key", traffic(kShop, 0).bytes());
  auto other = traffic(kShop, 0);
  other.partial().set_pane_width_nano(1);
  run.feed(other);
  EXPECT_EQ(run.count("dead_letters", "bad_partial"), 2u);
  EXPECT_EQ(run.count("dead_letters", "other_pane"), 1u);
}

TEST(Detect, AMeasureThatCannotBeReadDoesNotCostTheOthers) {
  DetectRun run;
  auto partial = traffic(kShop, 0);
  partial.add("nobody_knows", Aggregate(MeasureKind::rate));
  auto* row = partial.partial().add_measures();
  row->set_measure("latency");
  row->set_aggregate("\x07");
  run.feed(partial);
  run.watermark(1);
  EXPECT_EQ(run.published(Stream::dead_letter), 1u);
  ASSERT_EQ(run.scores().size(), 1u);
  EXPECT_EQ(find(run.scores()[0], "requests")->value(), 100);
}

TEST(Detect, EvaluationScoresAreWatchedFromTheirFirstSight) {
  auto rule = quick_rule("score_*", 2min);
  rule.name = "evaluations";
  rule.min_effect_absolute = 0;
  DetectRun run(quick_options({rule}));  // its window is of another width than the scores'
  for (int m = 0; m < 60; ++m) {
    const double level = m < 40 ? 0.9 : 0.3;
    std::vector<double> values;
    for (int i = 0; i < 50; ++i) values.push_back(level + 0.001 * (i % 7));
    run.feed(traffic(kShop, m).values("score_faithful", values));
    run.watermark(m + 1);
  }
  ASSERT_FALSE(run.alerts().empty());
  EXPECT_EQ(run.alerts()[0].measure(), "score_faithful");
  EXPECT_EQ(run.alerts()[0].direction(), "down");
  EXPECT_EQ(minutes_of(run.alerts()[0].starts_at()), 40);
}

TEST(Detect, RulesAreCheckedBeforeAnythingRuns) {
  const auto error_of = [](DetectorRule rule) {
    const auto made = Detect::make(quick_options({std::move(rule)}));
    return made ? std::string() : made.error().code + ": " + made.error().message;
  };
  auto rule = quick_rule("error_rate");
  EXPECT_EQ(error_of(rule), "");
  rule.measures = {"eror_rate"};
  EXPECT_EQ(error_of(rule), "bad_rule: detectors.error_rate: unknown measure \"eror_rate\"");
  rule = quick_rule("error_rate");
  rule.window = 90s;
  EXPECT_NE(error_of(rule).find("not a multiple of the pane"), std::string::npos);
  rule = quick_rule("score_*");
  rule.settings = {{"warm_upp", "6"}};
  EXPECT_NE(error_of(rule).find("warm_up"), std::string::npos) << "also where the measure is not known yet";
  rule = quick_rule("error_*");
  EXPECT_NE(error_of(rule).find("patterns are"), std::string::npos);
  auto options = quick_options();
  options.time_zone = "Europe/Olso";
  EXPECT_EQ(Detect::make(options).error().code, "bad_time_zone");
  options = quick_options({quick_rule("error_rate"), quick_rule("error_rate")});
  EXPECT_EQ(Detect::make(options).error().code, "bad_rule") << "two alerts of one id";
}

}  // namespace
}  // namespace tidewatch
