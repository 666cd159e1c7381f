#include "detectors/detect/trend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

#include "sample_share.h"
#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

constexpr Duration kHour = std::chrono::hours(1);

/// Hourly windows through a trend detector, as many days as asked for.
struct Days {
  std::unique_ptr<Detector> detector;
  Timestamp at{std::chrono::hours(24) * 20000};
  Verdict last;

  explicit Days(const DetectorSettings& settings = {}) : detector(make_detector("trend", settings).value()) {}
  void hour(const Observation& seen) {
    const Window window{at, kHour, {}, {&seen, 1}};
    last = detector->score(window, {});
    detector->learn(window, {.anomalous = last.judgement == Judgement::scored && last.surprise >= kAlertBits});
    at += kHour;
  }
  void day(const std::function<Observation()>& draw) {
    for (int i = 0; i < 24; ++i) hour(draw());
  }
};

/// Positive votes of about a thousand a day.
Observation votes(Traffic& traffic, double share) {
  const double n = traffic.poisson(1000.0 / 24);
  return n > 0 ? rate(traffic.binomial(n, share), n) : nothing(MeasureKind::rate);
}

TEST(Trend, SevenTenthsOfAPointADayOfAThousandVotesIsFoundWithinTenDays) {
  std::vector<int> delays;
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    Days run;
    Traffic traffic(seed);
    for (int day = 0; day < 40; ++day) run.day([&] { return votes(traffic, 0.85); });
    int delay = 99;
    for (int day = 1; day <= 20 && delay == 99; ++day) {
      run.day([&] { return votes(traffic, 0.85 - 0.007 * day); });
      run.hour(votes(traffic, 0.85 - 0.007 * day));
      if (run.last.surprise < kAlertBits || run.last.direction != Direction::down) continue;
      delay = day;
      EXPECT_NEAR(run.last.expected, 0.85, 0.02);
      EXPECT_NEAR(run.last.value, 0.85 - 0.007 * day, 0.03);
      EXPECT_NEAR(run.last.since_windows, 24 * day, 24 * 6);
    }
    delays.push_back(delay);
  }
  std::sort(delays.begin(), delays.end());
  RecordProperty("median_days", delays[12]);
  EXPECT_LE(delays[12], 8) << "median";
  EXPECT_LE(delays[23], 10) << "all but one";
}

TEST(Trend, WhereThereIsNoneNoneIsFound) {
  // Three kinds of days without trend: by chance only, weekends that differ, days that hang together.
  struct Kind {
    std::string name;
    std::function<double(int, Traffic&, double&)> share;
    double most;  ///< of what is claimed
  };
  const std::vector<Kind> kinds = {
      {"chance", [](int, Traffic&, double&) { return 0.85; }, 1.0},
      {"weekends", [](int day, Traffic&, double&) { return day % 7 >= 5 ? 0.79 : 0.85; }, 1.0},
      // Before the correlation is learnt, which takes months, wandering looks like trends.
      {"persistent",
       [](int, Traffic& traffic, double& state) {
         state = 0.5 * state + std::sqrt(0.75) * traffic.normal();
         return 0.85 + 0.01 * state;
       },
       3.5},
  };
  for (const Kind& kind : kinds) {
    double days = 0;
    std::array<double, 2> beyond{};
    size_t alarms = 0;  // separate ones
    for (uint64_t seed = 1; seed <= sampled(60, 3); ++seed) {
      Days run;
      Traffic traffic(seed);
      double state = 0;
      double before = 0;
      for (int day = 0; day < 200; ++day) {
        const double share = kind.share(day, traffic, state);
        run.day([&] { return votes(traffic, share); });
        if (run.last.judgement != Judgement::scored) continue;
        days += 1;
        beyond[0] += run.last.surprise >= 4 ? 1 : 0;
        beyond[1] += run.last.surprise >= 7 ? 1 : 0;
        alarms += run.last.surprise >= kAlertBits && before < kAlertBits ? 1 : 0;
        before = run.last.surprise;
      }
    }
    std::printf("%s: of %.0f days beyond 4 and 7 bits %.2f and %.2f of what is claimed, %zu alarms\n",
                kind.name.c_str(), days, beyond[0] / (days / 16), beyond[1] / (days / 128), alarms);
    EXPECT_LE(alarms, 1U) << kind.name << ", in 30 years";
    if (!is_full_sample()) continue;
    EXPECT_LE(beyond[0], kind.most * days / 16) << kind.name;
    EXPECT_LE(beyond[1], kind.most * days / 128) << kind.name;
  }
}

TEST(Trend, AStepIsNoTrendAndAnEndedOneIsOver) {
  Days step;
  Traffic traffic(3);
  for (int day = 0; day < 30; ++day) step.day([&] { return votes(traffic, 0.85); });
  double most = 0;
  for (int day = 0; day < 20; ++day) {
    step.day([&] { return votes(traffic, 0.70); });
    if (day >= 4) most = std::max(most, step.last.surprise);
  }
  EXPECT_LT(most, 14);

  Days ended;
  for (int day = 0; day < 30; ++day) ended.day([&] { return votes(traffic, 0.85); });
  for (int day = 1; day <= 12; ++day) ended.day([&] { return votes(traffic, 0.85 - 0.01 * day); });
  ended.hour(votes(traffic, 0.73));
  EXPECT_GT(ended.last.surprise, 20);
  for (int i = 0; i < 23; ++i) ended.hour(votes(traffic, 0.73));
  for (int day = 0; day < 8; ++day) ended.day([&] { return votes(traffic, 0.73); });
  EXPECT_LT(ended.last.surprise, 14);
}

TEST(Trend, LatencyThatCreepsUpIsFoundThroughItsSeason) {
  Days run;
  Traffic traffic(4);
  int hour = 0;
  const auto draw = [&](double level) {
    const double season = 1 + 0.3 * std::sin(2 * std::numbers::pi * hour++ / 24);
    return mean(level * season * (1 + 0.03 * traffic.normal()), 0.02, 200);
  };
  for (int day = 0; day < 35; ++day) run.day([&] { return draw(1.0); });
  EXPECT_LT(run.last.surprise, 14);
  for (int day = 1; day <= 10; ++day) run.day([&] { return draw(1 + 0.01 * day); });
  run.hour(draw(1.1));
  EXPECT_GT(run.last.surprise, 14);
  EXPECT_EQ(run.last.direction, Direction::up);
  EXPECT_NEAR(run.last.effect, 0.1, 0.04);
}

TEST(Trend, DaysWithoutDataAreLeftOut) {
  Days run;
  Traffic traffic(5);
  for (int day = 0; day < 30; ++day) run.day([&] { return votes(traffic, 0.85); });
  run.at += std::chrono::hours(24 * 3);
  for (int day = 1; day <= 12; ++day)
    run.day([&] { return day == 6 ? nothing(MeasureKind::rate) : votes(traffic, 0.85 - 0.01 * day); });
  run.hour(votes(traffic, 0.73));
  EXPECT_GT(run.last.surprise, 14);
}

TEST(Trend, ALevelThatAPersonConfirmedIsTheNewStart) {
  Days run;
  Traffic traffic(6);
  for (int day = 0; day < 30; ++day) run.day([&] { return votes(traffic, 0.85); });
  const Observation seen = votes(traffic, 0.85);
  run.detector->learn({run.at, kHour, {}, {&seen, 1}}, {.confirmed_normal = true});
  EXPECT_FALSE(run.detector->warm());
}

TEST(Trend, SettingsThatContradictEachOtherAreRefused) {
  const auto made = make_detector("trend", {{"history", "10"}});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("history"), std::string::npos);
}

}  // namespace
}  // namespace tidewatch::testing
