#include "detectors/decide/budget/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "tests/unit/detectors/decide/budget/utc_clock.h"

namespace tidewatch {
namespace {

/// A budget in time: charges by the minute, decisions every five.
struct BudgetRun {
  BudgetPolicy policy;
  UtcClock clock;
  Budget budget;
  double now = 0;  ///< hours
  std::vector<BudgetEvent> events;

  explicit BudgetRun(double amount, int days = 1) : clock(days) {
    policy.amount = amount;
    policy.forecasts = false;
  }
  void spend(double hours, double per_hour) {
    const long begin = std::lround(now * 60);
    const long end = begin + std::lround(hours * 60);
    for (long m = begin; m < end; ++m) {
      budget.charge(hour((static_cast<double>(m) + 0.01) / 60), per_hour / 60, policy, clock);
      now = static_cast<double>(m + 1) / 60;
      if ((m + 1) % 5 == 0) decide();
    }
  }
  void decide() {
    for (auto& event : budget.decide(hour(now), policy, clock)) events.push_back(event);
  }
  /// "50+ 80+ 50-": told and over; 0 is the forecast.
  std::string told() const {
    std::string out;
    for (const auto& event : events)
      out += (out.empty() ? "" : " ") + std::to_string(event.permille / 10) + (event.is_resolved ? "-" : "+");
    return out;
  }
};

TEST(Budget, EachShareIsToldOnceAPeriodAndEndsWithIt) {
  BudgetRun run(10);
  run.spend(23.5, 0.45);
  EXPECT_EQ(run.told(), "50+ 80+ 100+");
  run.spend(0.5, 0.45);  // 10.8 a day
  EXPECT_NEAR(run.events[0].spent, 5, 0.05);
  EXPECT_EQ(run.events[0].amount, 10);
  EXPECT_EQ(run.events[0].period.end, hour(24));
  run.spend(4, 0.1);
  EXPECT_EQ(run.told(), "50+ 80+ 100+ 50- 80- 100-");
  EXPECT_NEAR(run.events[5].spent, 10.8, 1e-6) << "of the day that is over";
  run.spend(19, 0.45);
  EXPECT_EQ(run.told(), "50+ 80+ 100+ 50- 80- 100- 50+ 80+");
}

TEST(Budget, OfSeveralSharesThatArePassedAtOnceTheHighestIsTold) {
  BudgetRun run(10);
  run.budget.charge(hour(1), 9, run.policy, run.clock);
  run.now = 1.1;
  run.decide();
  EXPECT_EQ(run.told(), "80+");
  run.budget.charge(hour(1.2), 2, run.policy, run.clock);
  run.now = 1.3;
  run.decide();
  EXPECT_EQ(run.told(), "80+ 100+");
}

TEST(Budget, WhatIsSpentInTheLastMomentOfADayIsOfThatDay) {
  BudgetRun run(10);
  run.budget.charge(hour(23.99), 10, run.policy, run.clock);
  run.now = 24;
  run.decide();
  ASSERT_EQ(run.told(), "100+");
  EXPECT_EQ(run.events[0].period.start, hour(0));
  EXPECT_EQ(run.budget.spent(run.policy), 0);
  run.now = 24.1;
  run.decide();
  EXPECT_EQ(run.told(), "100+ 100-");
}

TEST(Budget, LateSpendCountsInThePeriodItBelongsTo) {
  BudgetRun run(10);
  run.spend(24, 0.2);
  run.spend(1, 0.2);
  EXPECT_TRUE(run.budget.charge_late(hour(20), 0.25, run.policy, run.clock));
  EXPECT_TRUE(run.budget.charge_late(hour(24.5), 0.5, run.policy, run.clock));
  EXPECT_FALSE(run.budget.charge_late(hour(-30), 1, run.policy, run.clock)) << "older than is kept";
  EXPECT_NEAR(run.budget.spent_before(), 4.8 + 0.25, 1e-6);
  EXPECT_NEAR(run.budget.spent(run.policy), 0.2 + 0.5, 1e-6);
  EXPECT_TRUE(run.budget.charge_late(hour(23), 5, run.policy, run.clock));
  run.decide();
  EXPECT_EQ(run.told(), "100+") << "of the day before, told all the same";
}

TEST(Budget, SumsDoNotDependOnTheOrderAndReconcileExactly) {
  std::mt19937_64 random(1);
  std::vector<double> amounts;
  for (int i = 0; i < 20'000; ++i) amounts.push_back(static_cast<double>(random() % 1'000'000) * 1e-7);
  int64_t exact = 0;  // ten-millionths
  for (const double amount : amounts) exact += std::llround(amount * 1e7);
  BudgetRun run(1e6);
  for (size_t i = 0; i < amounts.size(); ++i) {
    const double at = static_cast<double>(i) / 1000;
    run.budget.charge(hour(at), amounts[i], run.policy, run.clock);
  }
  EXPECT_DOUBLE_EQ(run.budget.spent(run.policy), static_cast<double>(exact) * 1e-7);
}

TEST(Budget, ARollingOneIsOfTheLastHoursAndIsToldAgainAfterItFell) {
  BudgetRun run(10);
  run.policy.rolling = std::chrono::hours(48);
  run.spend(48, 0.18);  // 8.64 of 10
  EXPECT_EQ(run.told(), "50+ 80+");
  EXPECT_NEAR(run.budget.spent(run.policy), 8.64, 0.2);
  run.spend(40, 0);
  EXPECT_EQ(run.told(), "50+ 80+ 80- 50-");
  run.spend(10, 1);
  EXPECT_EQ(run.told(), "50+ 80+ 80- 50- 50+ 80+ 100+");
}

TEST(Budget, AnOverrunIsForetoldOnceTheHoursOfTheDayAreKnown) {
  BudgetRun run(30);
  run.policy.forecasts = true;
  for (int day = 0; day < 5; ++day) run.spend(24, 0.8);  // 19.2 a day
  const auto is_forecast = [](const BudgetEvent& event) { return event.permille == 0; };
  EXPECT_EQ(std::count_if(run.events.begin(), run.events.end(), is_forecast), 0) << run.told();
  run.events.clear();
  run.spend(8, 2.5);  // would be 60
  const auto foretold = std::find_if(run.events.begin(), run.events.end(), is_forecast);
  ASSERT_NE(foretold, run.events.end()) << run.told();
  EXPECT_LT(foretold->spent, 30);
  ASSERT_TRUE(foretold->forecast);
  EXPECT_GT(foretold->forecast->low, 30);
  EXPECT_GT(foretold->forecast->overrun, 0.94);
  run.spend(10, 2.5);
  const std::string told = run.told();
  EXPECT_EQ(std::count(told.begin(), told.end(), '+'), 4) << told;
  EXPECT_NE(told.find(" 0-"), std::string::npos) << "over when the amount is spent: " << told;
}

TEST(Budget, AForecastThatDoesNotComeTrueEnds) {
  BudgetRun run(30);
  run.policy.forecasts = true;
  run.policy.alert_at = {1};
  for (int day = 0; day < 5; ++day) run.spend(24, 0.8);
  run.spend(4, 4);
  EXPECT_EQ(run.told(), "0+");
  run.spend(12, 0.1);
  EXPECT_EQ(run.told(), "0+ 0-");
  run.spend(7, 0.1);
  EXPECT_EQ(run.told(), "0+ 0-") << "once a period";
}

TEST(Budget, HoursThatAreAllAlikeForetellNothingInTheFirstQuarter) {
  BudgetRun run(10);
  run.policy.forecasts = true;
  run.policy.alert_at = {1};
  run.spend(5.5, 1);
  EXPECT_EQ(run.told(), "");
  run.spend(1, 1);
  EXPECT_EQ(run.told(), "0+");
  EXPECT_FALSE(run.events[0].forecast->is_seasonal);
}

TEST(Budget, ARestoredOneGoesOnWhereItWas) {
  BudgetRun run(10);
  run.policy.forecasts = true;
  run.spend(60, 0.42);
  ByteWriter saved;
  run.budget.save(saved);
  BudgetRun other(10);
  other.policy = run.policy;
  ByteReader in(saved.bytes());
  ASSERT_TRUE(other.budget.load(in).ok());
  EXPECT_TRUE(in.at_end());
  other.now = run.now;
  run.events.clear();
  for (BudgetRun* some : {&run, &other}) some->spend(40, 0.5);
  EXPECT_EQ(other.told(), run.told());
  EXPECT_FALSE(run.told().empty());
  ByteWriter a;
  ByteWriter b;
  run.budget.save(a);
  other.budget.save(b);
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(Budget, DamagedStateIsRefused) {
  BudgetRun run(10);
  run.spend(60, 0.42);
  ByteWriter saved;
  run.budget.save(saved);
  for (size_t length = 0; length < saved.bytes().size(); length += 7) {
    ByteReader cut(std::string_view(saved.bytes()).substr(0, length));
    EXPECT_FALSE(Budget().load(cut).ok()) << length;
  }
  std::string damaged = saved.bytes();
  damaged[8] = '\x7f';  // the period ends long after the end of time
  ByteReader in(damaged);
  EXPECT_FALSE(Budget().load(in).ok());
}

TEST(Budget, OneThatIsGoneEndsItsAlertsOnce) {
  BudgetRun run(10);
  run.spend(15, 0.6);
  ASSERT_EQ(run.told(), "50+ 80+");
  const auto ended = run.budget.retire(hour(run.now));
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_TRUE(ended[0].is_resolved && ended[0].is_gone);
  EXPECT_TRUE(run.budget.retire(hour(run.now)).empty());
}

TEST(Budget, ALongSilenceTakesNoTimeAndNothingFromThePeriod) {
  BudgetRun run(10, 30);
  run.spend(5, 1);
  run.now += 24 * 365 * 20;
  run.budget.charge(hour(run.now), 1, run.policy, run.clock);
  EXPECT_DOUBLE_EQ(run.budget.spent(run.policy), 1);
}

TEST(Budget, AClaimThatNoMachineCanPayDoesNotOverflow) {
  BudgetRun run(10);
  for (int i = 0; i < 100; ++i) run.budget.charge(hour(1), 1e140, run.policy, run.clock);
  EXPECT_GT(run.budget.spent(run.policy), 1e9);
}

}  // namespace
}  // namespace tidewatch
