// An entity without a past is judged by that of its relatives.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/stream/detect/detect_run.h"
#include "tests/unit/stream/replay.h"

namespace tidewatch {
namespace {

std::string version(std::string_view name, std::string_view endpoint = kChat) {
  return std::string(endpoint) + ",prompt_version=" + std::string(name);
}

DetectOptions options_with(std::vector<EntityGroup> groups) {
  DetectOptions out = quick_options();
  out.entities = std::move(groups);
  return out;
}
DetectOptions with_endpoint() {
  return options_with({{"service"}, {"service", "endpoint"}, {"service", "endpoint", "prompt_version"}});
}
DetectOptions versions_alone() { return options_with({{"service", "endpoint", "prompt_version"}}); }

/// A minute of an endpoint whose requests are of some versions, each with `n` requests of which `errors` failed.
struct Part {
  std::string name;
  int errors;
  int n;
};
void play(DetectRun& run, double from, double to, const std::vector<Part>& parts, bool has_endpoint = true) {
  for (double m = from; m < to; ++m) {
    int errors = 0;
    int n = 0;
    for (const Part& part : parts) {
      run.feed(traffic(version(part.name), m, part.errors, part.n));
      errors += part.errors;
      n += part.n;
    }
    if (has_endpoint) run.feed(traffic(kChat, m, errors, n));
    run.watermark(m + 1);
  }
}

v1::QualityScore last_of(const DetectRun& run, std::string_view prompt_version) {
  v1::QualityScore out;
  for (const auto& score : run.scores())
    if (const auto found = score.labels().find("prompt_version");
        found != score.labels().end() && found->second == prompt_version)
      out = score;
  return out;
}

TEST(Borrowing, AVersionThatIsBadIsFoundInItsFirstWindow) {
  DetectRun run(with_endpoint());
  play(run, 0, 60, {{"v1", 2, 90}});
  play(run, 60, 62, {{"v1", 2, 90}, {"v2", 20, 40}});
  const auto alerts = run.alerts();
  const auto found = std::find_if(alerts.begin(), alerts.end(),
                                  [](const auto& alert) { return alert.labels().contains("prompt_version"); });
  ASSERT_NE(found, alerts.end());
  EXPECT_EQ(found->labels().at("prompt_version"), "v2");
  EXPECT_EQ(found->starts_at().seconds(),
            std::chrono::duration_cast<std::chrono::seconds>(minute(60).time_since_epoch()).count());
  EXPECT_EQ(found->borrowed_from(), kChat);
  EXPECT_EQ(found->own_windows(), 0U);
  EXPECT_NE(
      found->why().find(" Compared with service=shop, endpoint=/chat as a whole: this prompt_version has no window "
                        "of its own yet."),
      std::string::npos)
      << found->why();
}

TEST(Borrowing, WithoutItTheVersionIsJudgedLater) {
  auto options = with_endpoint();
  options.borrow = false;
  DetectRun run(options);
  play(run, 0, 60, {{"v1", 2, 90}});
  play(run, 60, 62, {{"v1", 2, 90}, {"v2", 20, 40}});
  for (const auto& alert : run.alerts()) EXPECT_FALSE(alert.labels().contains("prompt_version"));
  EXPECT_EQ(find(last_of(run, "v2"), "error_rate")->judgement(), "warming_up");
}

TEST(Borrowing, ScoresSayFromWhomUntilThereAreEnoughOwnWindows) {
  DetectRun run(with_endpoint());
  play(run, 0, 60, {{"v1", 2, 90}});
  for (int own = 0; own < 9; ++own) {
    play(run, 60 + own, 61 + own, {{"v1", 2, 90}, {"v2", 1, 40}});
    const auto score = last_of(run, "v2");
    const auto* measured = find(score, "error_rate");
    ASSERT_NE(measured, nullptr);
    EXPECT_EQ(measured->judgement(), "scored");
    EXPECT_EQ(measured->has_borrowed_from(), own < 6) << own;  // the rule's warm_up
    if (own >= 6) continue;
    EXPECT_EQ(measured->borrowed_from(), kChat);
    EXPECT_EQ(measured->own_windows(), static_cast<uint32_t>(own));
    EXPECT_NEAR(measured->expected(), 0.022, 0.006);
  }
  EXPECT_FALSE(find(last_of(run, "v1"), "error_rate")->has_borrowed_from()) << "it began when nobody had a past";
}

TEST(Borrowing, WithoutAnEndpointFromTheSiblingThatServedMostLately) {
  DetectRun run(versions_alone());
  play(run, 0, 60, {{"v1", 9, 90}}, false);
  play(run, 60, 60 * 30, {{"v2", 2, 90}}, false);  // more than a day later
  play(run, 60 * 30, 60 * 30 + 2, {{"v3", 30, 60}}, false);
  const auto alerts = run.alerts();
  ASSERT_FALSE(alerts.empty());
  EXPECT_EQ(alerts.back().labels().at("prompt_version"), "v3");
  EXPECT_EQ(alerts.back().borrowed_from(), version("v2"));
  EXPECT_NE(alerts.back().why().find(" Compared with prompt_version=v2: this prompt_version has "), std::string::npos)
      << alerts.back().why();
}

TEST(Borrowing, WhereRelativesDifferMoreIsExpected) {
  const auto surprise = [](int of_others) {
    DetectRun run(with_endpoint());
    play(run, 0, 120, {{"v1", 5, 90}, {"v2", 5 + of_others, 90}, {"v3", 5 - of_others, 90}});
    play(run, 120, 121, {{"v1", 5, 90}, {"v2", 5 + of_others, 90}, {"v3", 5 - of_others, 90}, {"v4", 8, 40}});
    return find(last_of(run, "v4"), "error_rate")->surprise();
  };
  EXPECT_GT(surprise(0), surprise(4) + 2);
}

TEST(Borrowing, FromNobodyWithoutAPastNorFromOtherFamilies) {
  DetectRun run(with_endpoint());
  const std::string search = "service=shop,endpoint=/search";
  run.calm(0, 60, search);
  play(run, 60, 62, {{"v1", 1, 40}});
  const auto score = last_of(run, "v1");
  EXPECT_EQ(find(score, "error_rate")->judgement(), "warming_up");
  EXPECT_FALSE(find(score, "error_rate")->has_borrowed_from());
}

TEST(Borrowing, AmountsAreNotAlike) {
  auto options = with_endpoint();
  options.rules = {quick_rule("requests")};
  DetectRun run(options);
  play(run, 0, 60, {{"v1", 2, 90}});
  play(run, 60, 62, {{"v1", 2, 90}, {"v2", 1, 40}});
  EXPECT_EQ(find(last_of(run, "v2"), "requests")->judgement(), "warming_up");
}

TEST(Borrowing, TheOrderOfArrivalIsOfNoAccount) {
  const auto scores_of = [](bool is_reversed) {
    DetectRun run(with_endpoint());
    play(run, 0, 60, {{"v1", 2, 90}});
    std::vector<PartialOf> pane = {traffic(version("v2"), 60, 4, 40), traffic(kChat, 60, 6, 130),
                                   traffic(version("v1"), 60, 2, 90)};
    if (is_reversed) std::reverse(pane.begin(), pane.end());
    for (const PartialOf& partial : pane) run.feed(partial);
    run.watermark(61);
    const auto score = last_of(run, "v2");
    return find(score, "error_rate")->SerializeAsString();
  };
  EXPECT_EQ(scores_of(false), scores_of(true));
}

TEST(Borrowing, ARestoredRunGoesOnBorrowing) {
  DetectRun whole(with_endpoint());
  play(whole, 0, 60, {{"v1", 2, 90}});
  play(whole, 60, 62, {{"v1", 2, 90}, {"v2", 1, 40}});
  DetectRun after(with_endpoint());
  after.restore(whole.state(), 62);
  for (DetectRun* run : {&whole, &after}) play(*run, 62, 63, {{"v1", 2, 90}, {"v2", 1, 40}});
  const auto score = last_of(after, "v2");
  EXPECT_EQ(find(score, "error_rate")->borrowed_from(), kChat);
  EXPECT_EQ(find(score, "error_rate")->own_windows(), 2U);
  EXPECT_EQ(score.DebugString(), last_of(whole, "v2").DebugString());
}

/// Endpoints whose versions come and go, with incidents.
std::vector<LogEntry> log_of(uint64_t seed, bool has_endpoint) {
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  std::vector<LogEntry> out;
  for (int m = 0; m < 80; ++m) {
    for (const char* endpoint : {"/a", "/b"}) {
      const std::string where = "service=shop,endpoint=" + std::string(endpoint);
      if (has_endpoint) {
        const auto whole = traffic(where, m, static_cast<int>(pick(4)), 100);
        out.push_back(LogEntry::data(whole.key(), whole.bytes()));
      }
      const int newest = (m + (endpoint[1] == 'a' ? 0 : 7)) / 20;
      for (int v = std::max(0, newest - 1); v <= newest; ++v) {
        const bool is_bad = v == 2 && m < 50;
        const auto partial = traffic(version("v" + std::to_string(v), where), m - static_cast<double>(pick(2)),
                                     static_cast<int>(is_bad ? 20 : pick(3)), 40);
        out.push_back(LogEntry::data(partial.key(), partial.bytes()));
      }
    }
    if (pick(3) != 0) out.push_back(LogEntry::mark(minute(m - 1)));
  }
  out.push_back(LogEntry::mark(minute(90)));
  return out;
}

TEST(BorrowingReplay, RestartedAfterAnyCommitGoesOnAsIfNothingHadHappened) {
  size_t borrowed = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const bool has_endpoint = seed % 2 == 0;
    const auto options = has_endpoint ? with_endpoint() : versions_alone();
    const StageSpec spec{"detect", {Stream::partials}, {}, false, true, [&] {
                           auto made = Detect::make(options);
                           return std::unique_ptr<Stage>(std::move(made).value());
                         }};
    ReplayCheck check(spec, log_of(seed, has_endpoint));
    check.run(1 + seed % 5, 3);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
    for (const Output& output : check.outputs().outputs()) {
      if (output.stream != Stream::raised) continue;
      v1::Raised raised;
      ASSERT_TRUE(raised.ParseFromString(output.value));
      borrowed += raised.alert().has_borrowed_from() ? 1 : 0;
    }
  }
  EXPECT_GT(borrowed, 12U) << "the traffic is meant to show it";
}

}  // namespace
}  // namespace tidewatch
