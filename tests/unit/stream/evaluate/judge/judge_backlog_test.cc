#include "stream/evaluate/judge/judge_backlog.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "detectors/detect/predictive.h"
#include "detectors/sketch/aggregate.h"
#include "detectors/sketch/bottom_k.h"
#include "tests/sample_share.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;
using Unit = JudgeBacklog::Unit;
using ::testing::SizeIs;

Unit unit(uint64_t job, JudgePriority priority = JudgePriority::random, Timestamp period = {}, Duration since = {}) {
  return {job, fmt::format("unit {}", job), priority, true, period, since, 1, 0};
}

std::vector<uint64_t> taken(JudgeBacklog& backlog) {
  std::vector<uint64_t> out;
  while (const auto next = backlog.take()) out.push_back(next->job);
  return out;
}

TEST(JudgeBacklog, NewerPeriodsGoFirstAndWithinOneInRandomOrder) {
  JudgeBacklog backlog({});
  for (uint64_t i = 0; i < 100; ++i) backlog.offer(unit(i, JudgePriority::random, Timestamp(10min)));
  for (uint64_t i = 100; i < 110; ++i) backlog.offer(unit(i, JudgePriority::random, Timestamp(20min)));
  const auto order = taken(backlog);
  ASSERT_THAT(order, SizeIs(110));
  EXPECT_TRUE(std::all_of(order.begin(), order.begin() + 10, [](uint64_t job) { return job >= 100; }));
  EXPECT_FALSE(std::is_sorted(order.begin() + 10, order.end()));
}

TEST(JudgeBacklog, OfTooManyTheRandomOnesLeaveFirstAndTheRestSaysSo) {
  JudgeBacklog backlog({.capacity = 1'000, .expire = JudgeBacklogOptions().expire});
  for (uint64_t i = 0; i < 100; ++i) backlog.offer(unit(i, JudgePriority::reported));
  for (uint64_t i = 100; i < 300; ++i) backlog.offer(unit(i, JudgePriority::targeted));
  for (uint64_t i = 300; i < 10'300; ++i) backlog.offer(unit(i));
  EXPECT_LE(backlog.size(), 1'000);
  EXPECT_EQ(backlog.size() + backlog.take_left().size(), 10'300);
  double estimated = 0;
  while (const auto next = backlog.take()) {
    if (next->priority != JudgePriority::random) {
      EXPECT_EQ(next->kept, 1);
    } else {
      EXPECT_LT(next->kept, 1);
      estimated += 1 / next->kept;
    }
  }
  EXPECT_NEAR(estimated, 10'000, 4 * 10'000 / std::sqrt(500));  // of the 500 to 800 that are left
}

TEST(JudgeBacklog, TheRandomOnesHaveHalfOfItAtLeast) {
  JudgeBacklog backlog({.capacity = 400, .expire = JudgeBacklogOptions().expire});
  for (uint64_t i = 0; i < 150; ++i) backlog.offer(unit(i));
  for (uint64_t i = 150; i < 5'000; ++i) backlog.offer(unit(i, JudgePriority::targeted));
  uint64_t random = 0;
  while (const auto next = backlog.take()) random += next->priority == JudgePriority::random ? 1 : 0;
  EXPECT_EQ(random, 150);
}

TEST(JudgeBacklog, WhatIsOutsideOfTheSampleHasAQuarter) {
  JudgeBacklog backlog({.capacity = 100, .expire = JudgeBacklogOptions().expire});
  for (uint64_t i = 0; i < 200; ++i) {
    Unit late = unit(i, JudgePriority::reported);
    late.is_counted = false;
    backlog.offer(late);
  }
  EXPECT_LE(backlog.size(), 100);
  for (uint64_t i = 200; i < 300; ++i) backlog.offer(unit(i));
  size_t outside = 0;
  size_t all = 0;
  while (const auto next = backlog.take()) {
    ++all;
    outside += next->is_counted ? 0 : 1;
  }
  EXPECT_LE(outside, 25);
  EXPECT_GT(all, 40);
}

TEST(JudgeBacklog, ExpiresByPriorityAndWhatOutlivesTheSampleIsNotCounted) {
  JudgeBacklog backlog({.capacity = 100, .expire = {24h, 6h, 1h}});
  backlog.offer(unit(1, JudgePriority::reported));
  backlog.offer(unit(2, JudgePriority::targeted));
  backlog.offer(unit(3));
  backlog.expire(59min);
  EXPECT_THAT(backlog.take_left(), SizeIs(0));
  backlog.expire(1h);
  ASSERT_EQ(backlog.size(), 2);
  EXPECT_EQ(backlog.left_sample(), 2);
  auto left = backlog.take_left();
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].unit.job, 3);
  EXPECT_EQ(left[0].reason, JudgeBacklog::Reason::expired);
  backlog.expire(6h);
  EXPECT_EQ(backlog.take_left().at(0).unit.job, 2);
  const auto last = backlog.take();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->job, 1);
  EXPECT_FALSE(last->is_counted);
  backlog.give_back(*last);
  backlog.expire(24h);
  EXPECT_EQ(backlog.take_left().at(0).unit.job, 1);
  EXPECT_EQ(backlog.size(), 0);
}

/// A population of which more is worse while more comes, a judge that is too slow at times and away at others.
struct Simulation {
  struct Judged {
    bool is_bad;
    double probability;
    size_t period;
  };
  std::vector<Judged> judged;
  std::vector<double> bad;    ///< by period, of all units
  std::vector<double> units;  ///< by period
};

/// `away`: steps of 720 without a judge, in the middle. Every tenth unit is sought out and fails more often.
Simulation simulate(uint32_t seed, size_t capacity, Duration expire, int away) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<> uniform(0, 1);
  JudgeBacklog backlog({.capacity = capacity, .expire = {24h, 24h, expire}});
  Simulation out;
  std::map<uint64_t, std::pair<bool, double>> known;
  uint64_t job = 0;
  std::vector<Unit> of_period;  // they come when it has ended
  constexpr int kSteps = 720;   // of 10 s: two hours
  for (int step = 0; step < 2 * kSteps; ++step) {
    const Duration now = step * 10s;
    const size_t period = static_cast<size_t>(step) / 60;
    const bool is_rush = step > 200 && step < 420;
    const int arrivals = step >= kSteps ? 0 : is_rush ? 12 : 3;
    for (int i = 0; i < arrivals; ++i) {
      const bool is_sought = uniform(random) < 0.1;
      const bool is_bad = uniform(random) < (is_rush ? 0.3 : 0.1) * (is_sought ? 2.5 : 1);
      if (out.units.size() <= period) out.units.resize(period + 1), out.bad.resize(period + 1);
      out.units[period] += 1;
      out.bad[period] += is_bad ? 1 : 0;
      const double rate = is_sought ? 0.8 : 0.4;
      const std::string id = fmt::format("{}/{}", seed, ++job);
      if (sampling_rank(id) >= rate) continue;
      known[job] = {is_bad, rate};
      of_period.push_back({job, id, is_sought ? JudgePriority::targeted : JudgePriority::random, true,
                           Timestamp(period * 10min), now, 1, 0});
    }
    if (step % 60 == 59) {
      for (Unit& one : of_period) {
        one.waits_since = now;
        backlog.offer(std::move(one));
      }
      of_period.clear();
    }
    backlog.expire(now);
    if (step >= 300 && step < 300 + away) continue;
    for (int i = 0; i < 2; ++i) {
      auto next = backlog.take();
      if (!next) break;
      if (uniform(random) < 0.1) {  // a fault that passes
        backlog.give_back(*next);
      } else if (next->is_counted) {
        const auto [is_bad, rate] = known.at(next->job);
        out.judged.push_back({is_bad, rate * next->kept, static_cast<size_t>(next->period.time_since_epoch() / 10min)});
      }
    }
  }
  return out;
}

/// How far means of rounds are from what they should be, in standard errors.
struct Spread {
  double sum = 0;
  double squares = 0;
  double count = 0;
  void add(double difference) {
    sum += difference;
    squares += difference * difference;
    count += 1;
  }
  double mean() const { return sum / count; }
  double errors() const { return mean() / std::sqrt((squares / count - mean() * mean()) / count); }
};

TEST(JudgeBacklog, WhatIsLeftOutForWantOfRoomLowersTheProbabilityAndBiasesNothing) {
  const size_t rounds = sampled(4'000, 100);
  Spread total;
  Spread unweighted;
  size_t covered = 0;
  size_t thinned = 0;
  for (uint32_t seed = 1; seed <= rounds; ++seed) {
    const Simulation done = simulate(seed, 100, 1'000h, 120);
    double expected_bad = 0;
    double expected_units = 0;
    for (size_t i = 0; i < done.units.size(); ++i) {
      expected_bad += done.bad[i];
      expected_units += done.units[i];
    }
    double bad = 0;
    double plain = 0;
    Aggregate rate{MeasureKind::rate, WorstEnd::smallest};
    for (const auto& one : done.judged) {
      bad += one.is_bad ? 1 / one.probability : 0;
      plain += one.is_bad ? 1 : 0;
      rate.add_trial(one.is_bad, 1 / one.probability);
      thinned += one.probability < 0.4 ? 1 : 0;
    }
    total.add(bad - expected_bad);
    unweighted.add(plain / static_cast<double>(done.judged.size()) - expected_bad / expected_units);
    const Interval interval = confidence_interval(rate.observe());
    // The interval is of the rate behind the units; that of the units themselves is near enough here.
    if (interval.low <= expected_bad / expected_units && expected_bad / expected_units <= interval.high) ++covered;
  }
  EXPECT_GT(thinned, rounds) << "the backlog was full";
  const double coverage = static_cast<double>(covered) / static_cast<double>(rounds);
  RecordProperty("coverage", fmt::format("{:.3f}", coverage));
  RecordProperty("bias_in_errors", fmt::format("{:.2f}", total.errors()));
  std::printf("coverage %.3f, bias %.2f standard errors, unweighted %.1f\n", coverage, total.errors(),
              unweighted.errors());
  EXPECT_LT(std::abs(total.errors()), 4);
  if (!is_full_sample()) return;
  EXPECT_GT(std::abs(unweighted.errors()), 10) << "without the weights it is biased, so there was something to correct";
  EXPECT_GE(coverage, 0.94);
  EXPECT_LE(coverage, 0.99);
}

TEST(JudgeBacklog, WhatExpiresLeavesTheRatesOfItsPeriodsRight) {
  const size_t rounds = sampled(4'000, 100);
  Spread by_period;
  Spread totals;
  size_t partly = 0;
  for (uint32_t seed = 1; seed <= rounds; ++seed) {
    // Room for all, and an absence of 20 minutes: a part of what came shortly before and after it expires.
    const Simulation done = simulate(seed, 100'000, 25min, 180);
    std::vector<double> weight(done.units.size());
    std::vector<double> bad(done.units.size());
    for (const auto& one : done.judged) {
      weight[one.period] += 1 / one.probability;
      bad[one.period] += one.is_bad ? 1 / one.probability : 0;
    }
    for (size_t i = 0; i < weight.size(); ++i) {
      const bool has_expired = weight[i] < 0.7 * done.units[i];
      if (!has_expired || weight[i] < 0.2 * done.units[i]) continue;
      ++partly;
      by_period.add(bad[i] / weight[i] - done.bad[i] / done.units[i]);
      totals.add(bad[i] - done.bad[i]);
    }
  }
  std::printf("%zu periods of which a part expired: bias of the rate %.4f (%.2f standard errors)\n", partly,
              by_period.mean(), by_period.errors());
  ASSERT_GT(partly, rounds / 10);
  // A ratio has a bias of the order 1/n: with about a hundred judged it stays below a hundredth of the rate.
  EXPECT_LT(std::abs(by_period.mean()), 0.003 + 4 * std::abs(by_period.mean() / by_period.errors()));
  EXPECT_LT(totals.errors(), -4) << "totals are too small, as the header says";
}

}  // namespace
}  // namespace tidewatch
