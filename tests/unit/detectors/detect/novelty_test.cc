#include "detectors/detect/novelty/novelty.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "unit/detectors/detect/playback.h"

namespace tidewatch::testing {
namespace {

constexpr double kBlockBits = 6.65;  ///< log2 of the default block

Observation plain(double value) { return {.kind = MeasureKind::distribution, .value = value, .n = 1}; }

/// Five-minute values of a series with a day, one standard deviation of noise.
struct Series {
  Playback play{{}, "novelty"};
  Traffic traffic{11};

  explicit Series(const DetectorSettings& settings = {}) : play(settings, "novelty") {}
  double season() const { return 10 * std::sin(2 * M_PI * static_cast<double>(play.index % kDay) / kDay); }
  double draw() { return 100 + season() + traffic.normal(); }
  Verdict pass(double value, Direction direction = Direction::either) { return play.pass(plain(value), direction); }
  void quiet(size_t windows) {
    for (size_t i = 0; i < windows; ++i) pass(draw());
  }
  /// The most surprising of the next windows, each changed by `change`.
  double most(size_t windows, const std::function<double(double)>& change) {
    double out = 0;
    for (size_t i = 0; i < windows; ++i) out = std::max(out, pass(change(draw())).surprise);
    return out;
  }
};

/// Seen once in 1024 windows in which nothing happens.
constexpr double kFound = 10;

TEST(Novelty, FindsAValueThatWasNeverSeen) {
  Series series;
  series.quiet(14 * kDay);
  const Verdict verdict = series.pass(series.draw() + 40);
  EXPECT_GT(verdict.surprise, kAlertBits);
  EXPECT_EQ(verdict.direction, Direction::up);
  EXPECT_NEAR(verdict.effect_absolute, 40, 5);
}

TEST(Novelty, FindsAValueThatIsUsualOnlyAtAnotherHour) {
  Series series;
  series.quiet(21 * kDay + kDay / 4);  // the daily maximum
  EXPECT_NEAR(series.season(), 10, 0.1);
  EXPECT_GT(series.pass(90).surprise, kFound) << "what midnight's other side shows";
}

TEST(Novelty, FindsAStepThatStaysWithinTheRangeOfTheDay) {
  Series series;
  series.quiet(14 * kDay + 3 * kDay / 4);  // the daily minimum
  EXPECT_GT(series.most(20, [](double value) { return value + 10; }), kFound);
}

TEST(Novelty, FindsASeriesThatGetsStuckOrRough) {
  for (const double noise : {0.0, 4.0}) {
    Series series;
    series.quiet(14 * kDay);
    double most = 0;
    for (int i = 0; i < 120; ++i)
      most = std::max(most, series.pass(100 + series.season() + noise * series.traffic.normal()).surprise);
    EXPECT_GT(most, kFound) << noise;
  }
}

TEST(Novelty, ReportsAnEpisodeOnce) {
  Series series;
  Series every(DetectorSettings{{"episode", "0"}});
  series.quiet(14 * kDay);
  every.quiet(14 * kDay);
  size_t alarms = 0;
  size_t alarms_of_every = 0;
  for (int i = 0; i < 50; ++i) {
    alarms += series.pass(150 + series.traffic.normal()).surprise > kBlockBits + 1 ? 1 : 0;
    alarms_of_every += every.pass(150 + every.traffic.normal()).surprise > kBlockBits + 1 ? 1 : 0;
  }
  EXPECT_GE(alarms, 1U);
  EXPECT_LE(alarms, 3U) << "more only as the level's own surprise exceeds the value's";
  EXPECT_GT(alarms_of_every, 25U);
}

TEST(Novelty, RanksTheWindowsOfAnEpisodeAboveOrdinaryOnes) {
  Series series;
  series.quiet(14 * kDay);
  const double ordinary = series.most(200, [](double value) { return value; });
  ASSERT_GT(series.pass(series.draw() + 60).surprise, kAlertBits);
  const double less = series.pass(series.draw() + 20).surprise;
  EXPECT_GT(less, std::min(ordinary, kBlockBits));
  EXPECT_LE(less, kBlockBits + 1);
}

TEST(Novelty, GuessesDuringItsWarmUp) {
  Series series;
  series.quiet(9);
  EXPECT_EQ(series.pass(series.draw()).surprise, 0) << "too little was seen for any order";
  series.quiet(30);
  const Verdict ordinary = series.pass(100);
  const Verdict extreme = series.pass(160);
  EXPECT_EQ(extreme.judgement, Judgement::warming_up);
  EXPECT_GT(extreme.surprise, ordinary.surprise);
  EXPECT_GT(extreme.surprise, kBlockBits);
}

TEST(Novelty, WithinAnEpisodeTellsWhatIsMuchWorse) {
  Series series;
  series.quiet(14 * kDay);
  series.pass(115);
  EXPECT_GT(series.pass(1000).surprise, kAlertBits);
}

TEST(Novelty, IsLessSurprisedByWhatItHasSeenBefore) {
  Series series;
  series.quiet(7 * kDay);
  const double first = series.pass(150).surprise;
  for (int i = 0; i < 14; ++i) {
    series.quiet(kDay);
    series.pass(150);
  }
  series.quiet(kDay);
  EXPECT_LT(series.pass(150).surprise, first - 5);
}

TEST(Novelty, DoesNotDependOnTheUnit) {
  for (const auto& [factor, offset] : {std::pair{1e6, 0.0}, {1e-6, 0.0}, {1.0, 1e4}}) {
    Series series;
    Playback other({}, "novelty");
    for (size_t i = 0; i < 8 * kDay; ++i) {
      const double value = series.draw() + (i % 500 == 499 ? 30 : 0);
      const double a = series.pass(value).surprise;
      const double b = other.pass(plain(value * factor + offset)).surprise;
      ASSERT_NEAR(a, b, 0.3) << factor << " " << offset << " at " << i;
    }
  }
}

TEST(Novelty, CountsOnlyTheSideThatIsAskedFor) {
  Series series;
  series.quiet(14 * kDay);
  EXPECT_EQ(series.play.look(plain(150), Direction::down).surprise, 0);
  EXPECT_GT(series.play.look(plain(150), Direction::up).surprise, kAlertBits);
}

TEST(Novelty, OfAConstantIsSurprisedByAnyChange) {
  Series series;
  for (size_t i = 0; i < 2 * kDay; ++i) EXPECT_LE(series.pass(1e6 / 3).surprise, kBlockBits);
  EXPECT_GT(series.pass(1e6 / 3 * 1.01).surprise, kFound);
}

}  // namespace
}  // namespace tidewatch::testing
