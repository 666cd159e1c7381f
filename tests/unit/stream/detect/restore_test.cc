#include <gtest/gtest.h>

#include <random>

#include "tests/sample_share.h"
#include "tests/unit/stream/detect/detect_run.h"
#include "tests/unit/stream/replay.h"
#include "tidewatch/v1/state.pb.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

TEST(Restore, KnowsItsBaselineAndDoesNotAlertAgain) {
  DetectRun before;
  before.calm(0, 30);
  before.incident(30, 32);
  ASSERT_EQ(before.transitions(), (std::vector<std::string>{"fired"}));
  DetectRun after;
  after.restore(before.state(), 32);
  after.incident(32, 34);
  after.calm(34, 40);
  ASSERT_EQ(after.transitions(), (std::vector<std::string>{"resolved"}));
  EXPECT_EQ(after.alerts()[0].id(), before.alerts()[0].id());
}

TEST(Restore, AfterALongStopGoesOnWhereTimeIs) {
  DetectRun before;
  before.calm(0, 30);
  DetectRun after;
  for (const auto& [key, value] : before.state()) ASSERT_TRUE(after.stage().restore(key, value).ok());
  after.stage().resume(kMinTimestamp);  // offsets were reset: nothing is known of the time
  after.watermark(60.0 * 24 * 365);
  after.calm(60.0 * 24 * 365, 60.0 * 24 * 365 + 2);
  EXPECT_EQ(after.scores().size(), 2u);
}

TEST(Restore, RulesThatAreGoneOrNewOrWatchSomethingElseDoNotDisturbTheOthers) {
  auto kept = quick_rule("error_rate");
  auto gone = quick_rule("refusal_rate");
  auto moved = quick_rule("hedging_rate");
  moved.name = "moved";
  DetectRun before(quick_options({gone, kept, moved}));
  const auto feed = [](DetectRun& run, int m, int errors) {
    run.feed(traffic(kShop, m, errors)
                 .rate("refusal_rate", 1, 100)
                 .rate("hedging_rate", 90, 100)
                 .rate("tool_error_rate", 1, 100));
    run.watermark(m + 1);
  };
  for (int m = 0; m < 30; ++m) feed(before, m, 1);
  auto fresh = quick_rule("tool_error_rate");
  moved.measures = {"refusal_rate"};  // the same name, another measure: what was learnt of the old one says nothing
  DetectRun after(quick_options({fresh, moved, kept}));
  after.restore(before.state(), 30);
  feed(after, 30, 60);
  ASSERT_EQ(after.alerts().size(), 1u);
  EXPECT_EQ(after.alerts()[0].rule(), "error_rate");
  const auto scores = after.scores();
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(find(scores[0], "refusal_rate")->judgement(), "warming_up");
}

TEST(Restore, AnotherWindowOrParameterLearnsAfreshAndAnotherLimitDoesNot) {
  DetectRun before;
  before.calm(0, 30);
  const auto judgement_of = [&](const DetectorRule& rule) {
    DetectRun after(quick_options({rule}));
    after.restore(before.state(), 30);
    after.calm(30, 32);
    const auto first = after.scores().at(0);
    return find(first, "error_rate")->judgement();
  };
  auto rule = quick_rule("error_rate");
  rule.min_effect = 0.5;
  rule.for_windows = 3;
  EXPECT_EQ(judgement_of(rule), "scored");
  rule.settings = {{"warm_up", "7"}, {"season", "false"}};
  EXPECT_EQ(judgement_of(rule), "warming_up");
}

TEST(Restore, StateThatIsDamagedIsAnError) {
  DetectRun before;
  before.calm(0, 10);
  const auto state = before.state().at(std::string(kShop));
  v1::EntityState whole;
  ASSERT_TRUE(whole.ParseFromString(state));
  whole.clear_placement();  // the last field; without it the record is that of an earlier build
  for (size_t cut = 1; cut < state.size(); cut += 3) {
    if (cut == whole.ByteSizeLong()) continue;
    DetectRun after;
    EXPECT_FALSE(after.stage().restore(kShop, std::string_view(state).substr(0, cut)).ok());
    after.calm(0, 2);
    EXPECT_EQ(after.scores().size(), 2u);
  }
  DetectRun after;
  EXPECT_FALSE(after.stage().restore("no key", state).ok());
}

TEST(Restore, PatternRulesKnowTheirMeasureAgain) {
  auto rule = quick_rule("score_*");
  rule.name = "evaluations";
  rule.min_effect_absolute = 0;
  const auto feed = [](DetectRun& run, int m, double level) {
    run.feed(traffic(kShop, m).values("score_x", std::vector<double>(50, level + 0.001 * (m % 5))));
    run.watermark(m + 1);
  };
  DetectRun before(quick_options({rule}));
  for (int m = 0; m < 30; ++m) feed(before, m, 0.9);
  DetectRun after(quick_options({rule}));
  after.restore(before.state(), 30);
  feed(after, 30, 0.3);
  ASSERT_EQ(after.alerts().size(), 1u);
  EXPECT_EQ(after.alerts()[0].measure(), "score_x");
}

TEST(Season, FollowsTheTimeZoneOfTheConfig) {
  // Errors are usual at 09:00 in Oslo (08:00 UTC in winter): with UTC or without daylight saving it would be a
  // surprise.
  const auto surprise_at_nine = [](const std::string& zone) {
    auto rule = quick_rule("error_rate", 30min);
    rule.settings = {{"warm_up", "6"}};
    auto options = quick_options({rule});
    options.score_window = 30min;
    options.time_zone = zone;
    DetectRun run(options);
    const int days = 100;  // from 1 January to April: summer time began in between
    for (int half_hour = 0; half_hour < days * 48; ++half_hour) {
      const double m = half_hour * 30.0;
      const bool is_summer = half_hour / 48 >= 90;
      const int hour_in_oslo = (half_hour / 2 + (is_summer ? 2 : 1)) % 24;
      run.feed(traffic(kShop, m, hour_in_oslo == 9 ? 30 : 2, 200));
      run.watermark(m + 30);
    }
    double least = 1e9;  // at nine o'clock of the last days, in summer time
    const auto scores = run.scores();
    for (size_t i = 95 * 48; i < scores.size(); ++i)
      if ((i / 2 + 2) % 24 == 9) least = std::min(least, find(scores[i], "error_rate")->surprise());
    return least;
  };
  // How well the hour is known is the detector's matter (7.8 bits here); that it is the right hour is the calendar's.
  EXPECT_GT(surprise_at_nine("UTC"), surprise_at_nine("Europe/Oslo") + 5)
      << "by UTC the bad hour moved when summer time began";
}

/// Traffic of several entities with incidents, evaluations and changes; late partials, silence, and more entities than
/// are kept.
std::vector<LogEntry> log_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  std::vector<LogEntry> out;
  double now = 0;
  for (int i = 0; i < 60; ++i) {
    now += seed % 6 == 0 && i == 40 ? 60 * 50 : 1;  // longer than entities are judged in silence
    for (uint64_t n = pick(6); n > 0; --n) {
      const uint64_t which = pick(5);
      const double m = now - static_cast<double>(pick(8) == 0 ? pick(6) : 0) + static_cast<double>(pick(2));
      const bool is_bad = i > 25 && i < 33 && which == 0;
      // Who is busy changes, so that entities come and go.
      const int busy = which == 0 ? 200 : 1 + static_cast<int>(pick(20) << (i / 12 + which) % 4);
      auto partial = traffic("service=s" + std::to_string(which), m, is_bad ? busy / 2 : busy / 100, busy);
      if (pick(2) == 0)
        partial.values("score_x" + std::to_string(pick(2)), {0.9, 0.8, 0.7 + 0.1 * static_cast<double>(pick(3))});
      if (pick(3) == 0) partial.saw("model", "m" + std::to_string(pick(4)));
      out.push_back(LogEntry::data(partial.key(), partial.bytes()));
    }
    if (pick(3) != 0) out.push_back(LogEntry::mark(minute(now - 2)));
  }
  out.push_back(LogEntry::mark(minute(now + 40)));
  return out;
}

TEST(DetectReplay, RestartedAfterAnyCommitGoesOnAsIfNothingHadHappened) {
  auto scores = quick_rule("score_*", 3min);
  scores.name = "evaluations";
  auto options = quick_options({quick_rule("error_rate", 2min), quick_rule("requests"), scores});
  options.score_window = 2min;
  options.max_entities = 3;
  const StageSpec spec{"detect", {Stream::partials}, {}, false, true, [&] {
                         auto made = Detect::make(options);
                         return std::unique_ptr<Stage>(std::move(made).value());
                       }};
  std::map<std::string, uint64_t> seen;
  for (uint64_t seed = 1; seed <= sampled(30, 6); ++seed) {
    ReplayCheck check(spec, log_of(seed));
    check.run(1 + seed % 5, seed % 6 == 0 ? 9 : 2);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    for (const auto& [name, n] : check.outputs().counts()) seen[name.first] += n;
  }
  for (const char* name : {"evicted_entities", "entities_in_other", "late_partials", "raised_alerts", "changes"})
    EXPECT_GT(seen[name], 0u) << name << ": the traffic is meant to show it";
}

}  // namespace
}  // namespace tidewatch
