#include "detectors/decide/slo/slo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kBegin = Timestamp(std::chrono::days(19723));

SloPolicy policy_of(double objective, Duration period = std::chrono::days(30)) {
  SloPolicy out;
  out.objective = objective;
  out.period = period;
  out.burns = default_burn_rules(period, objective);
  out.alert_at = {};
  return out;
}

/// An SLO in time: charged and asked every five minutes.
struct SloRun {
  SloPolicy policy;
  Slo slo;
  Timestamp now = kBegin;
  std::vector<SloEvent> events;

  explicit SloRun(SloPolicy with) : policy(std::move(with)) {}
  void pass(Duration length, double events_an_hour, double bad_share, bool is_expected = false) {
    for (const Timestamp end = now + length; now < end;) {
      slo.charge(now, SloCounts::of(events_an_hour / 12, events_an_hour / 12 * bad_share), policy);
      now += 5min;
      for (auto& event : slo.decide(now, policy, is_expected)) events.push_back(event);
    }
  }
  /// "fired ticket, escalated page": what was told of burns; of shares "50 fired".
  std::string told() const {
    std::string out;
    for (const SloEvent& event : events) {
      out += out.empty() ? "" : ", ";
      if (event.permille > 0) out += std::to_string(event.permille / 10) + " ";
      out += event.kind == SloEvent::Kind::fired       ? "fired"
             : event.kind == SloEvent::Kind::escalated ? "escalated"
                                                       : "resolved";
      if (event.permille == 0) out += " " + std::string(name_of(event.severity));
    }
    return out;
  }
};

TEST(BurnRules, AreThoseOfTheWorkbookAndSpendTheSameShareOfOtherPeriods) {
  const auto month = default_burn_rules(std::chrono::days(30), 0.999);
  ASSERT_EQ(month.size(), 4u);
  EXPECT_EQ(month[0], (BurnRule{14.4, 1h, 5min, Severity::page}));
  EXPECT_EQ(month[1], (BurnRule{6, 6h, 30min, Severity::page}));
  EXPECT_EQ(month[2], (BurnRule{3, 24h, 2h, Severity::ticket}));
  EXPECT_EQ(month[3], (BurnRule{1, 72h, 6h, Severity::ticket}));
  const auto quarter = default_burn_rules(std::chrono::days(90), 0.999);
  EXPECT_EQ(quarter[0].long_window, Duration(3h));
  EXPECT_EQ(quarter[3].long_window, Duration(9 * 24h));
  const auto day = default_burn_rules(std::chrono::days(1), 0.999);
  EXPECT_EQ(day[0].long_window, Duration(5min)) << "never shorter";
  EXPECT_EQ(day[3].long_window, Duration(145min)) << "72 h / 30, in whole 5 minutes";
}

TEST(BurnRules, AFactorThatCannotBeReachedIsLowered) {
  EXPECT_NEAR(default_burn_rules(std::chrono::days(30), 0.9)[0].burn, 7.5, 1e-9);
  EXPECT_EQ(default_burn_rules(std::chrono::days(30), 0.9)[2].burn, 3);
}

TEST(Slo, AFastBurnPagesWithinMinutesAndEndsWhenItIsOver) {
  SloRun run(policy_of(0.999));
  run.pass(48h, 6000, 0.0005);
  EXPECT_EQ(run.told(), "");
  run.pass(1h, 6000, 0.1);
  ASSERT_EQ(run.told(), "fired page");
  const SloEvent fired = run.events[0];
  EXPECT_LE(fired.observed_at, kBegin + 48h + 15min);
  EXPECT_EQ(fired.rule.burn, 14.4);
  EXPECT_GT(fired.in_long.rate(), 0.0144);
  EXPECT_GT(fired.surprise, 20);
  EXPECT_GT(fired.standing.burn, 1);
  run.pass(20min, 6000, 0);
  EXPECT_EQ(run.told(), "fired page") << "its rule over six hours looks back half an hour";
  run.pass(8h, 6000, 0);
  ASSERT_EQ(run.told(), "fired page, resolved page");
  EXPECT_EQ(run.events[1].starts_at, fired.starts_at);
}

TEST(Slo, ASlowBurnIsATicketThatBecomesAPageWhenItGetsWorse) {
  SloRun run(policy_of(0.999));
  run.pass(48h, 6000, 0.0005);
  run.pass(24h, 6000, 0.004);
  EXPECT_EQ(run.told(), "fired ticket");
  run.pass(2h, 6000, 0.05);
  EXPECT_EQ(run.told(), "fired ticket, escalated page");
  EXPECT_EQ(run.events[1].starts_at, run.events[0].starts_at) << "the same alert";
}

TEST(Slo, FewBadEventsOfLittleTrafficAreNoPage) {
  SloRun run(policy_of(0.995));
  run.pass(48h, 12, 0);
  run.slo.charge(run.now, SloCounts::of(1, 1), run.policy);
  run.pass(5min, 12, 0);
  run.slo.charge(run.now, SloCounts::of(1, 1), run.policy);
  run.pass(24h, 12, 0);
  EXPECT_EQ(run.told(), "") << "2 of 14 in an hour are 28 times what may be";
  run.pass(2h, 12, 1);
  EXPECT_EQ(run.told(), "fired page") << "all of 12 an hour are no accident";
}

TEST(Slo, WhatALongWindowDidNotSeeIsGood) {
  SloPolicy policy = policy_of(0.995);
  policy.burns = {{1, 72h, 6h, Severity::ticket}};
  SloRun young(policy);
  young.pass(2h, 6000, 0.05);
  EXPECT_EQ(young.told(), "") << "ten times what may be for two hours is 28 % of what may be in three days";
  young.pass(10h, 6000, 0.05);
  EXPECT_EQ(young.told(), "fired ticket");
  SloRun dead(policy_of(0.995));
  dead.pass(15min, 6000, 1);
  EXPECT_EQ(dead.told(), "fired page") << "one that never worked is told all the same";
}

TEST(Slo, ThinTrafficDoesNotFlicker) {
  SloRun run(policy_of(0.995));
  run.pass(48h, 12, 0);
  for (int i = 0; i < 72; ++i) run.pass(5min, 12, i % 2);  // one request, good or bad in turn
  EXPECT_EQ(run.told(), "fired page") << "its short window reaches back until it has ten";
}

TEST(Slo, WithoutEventsItGoesOn) {
  SloRun run(policy_of(0.999));
  run.pass(48h, 6000, 0);
  run.pass(30min, 6000, 0.5);
  ASSERT_EQ(run.told(), "fired page");
  run.pass(1h, 0, 0);
  EXPECT_EQ(run.told(), "fired page");
  run.pass(6 * 24h, 0, 0);
  EXPECT_EQ(run.told(), "fired page, resolved page") << "all windows are over it";
}

TEST(Slo, WhatBurnsAgainSoonIsTheSameAlert) {
  SloPolicy policy = policy_of(0.99);
  policy.burns = {{10, 1h, 5min, Severity::page}};
  SloRun run(policy);
  run.pass(24h, 6000, 0);
  run.pass(20min, 6000, 0.5);
  run.pass(15min, 6000, 0);
  run.pass(10min, 6000, 0.5);
  ASSERT_EQ(run.told(), "fired page, resolved page, fired page");
  EXPECT_TRUE(run.events[2].is_reopened);
  EXPECT_EQ(run.events[2].starts_at, run.events[0].starts_at);
  run.pass(5h, 6000, 0);
  run.pass(20min, 6000, 0.5);
  EXPECT_FALSE(run.events[4].is_reopened);
  EXPECT_GT(run.events[4].starts_at, run.events[0].starts_at);
}

TEST(Slo, ExactlyAtItsObjectiveNobodyIsCalled) {
  // Three traffics for a quarter of a year each: the rules as they stand would page hundreds of times at the lowest.
  for (const double an_hour : {10.0, 100.0, 2000.0}) {
    SloRun run(policy_of(0.995));
    std::mt19937_64 random(7);
    std::poisson_distribution<int> arrivals(an_hour / 12);
    for (int i = 0; i < 91 * 24 * 12; ++i) {
      const int n = arrivals(random);
      const int bad = std::binomial_distribution<int>(n, 0.005)(random);
      run.slo.charge(run.now, SloCounts::of(n, bad), run.policy);
      run.now += 5min;
      for (auto& event : run.slo.decide(run.now, run.policy)) run.events.push_back(event);
    }
    EXPECT_EQ(run.told(), "") << an_hour;
  }
}

TEST(Slo, SampledEventsAreWorthWhatTheyTell) {
  SloPolicy policy = policy_of(0.995);
  SloRun all(policy);
  SloRun sampled(policy);
  all.pass(24h, 1200, 0);
  sampled.pass(24h, 1200, 0);
  for (int i = 0; i < 3; ++i) {
    all.slo.charge(all.now, SloCounts::of(100, 60), policy);
    sampled.slo.charge(sampled.now, SloCounts::sampled(100, 60, 1),
                       policy);  // one that stands for a hundred, as far as it goes
    all.pass(5min, 0, 0);
    sampled.pass(5min, 0, 0);
  }
  EXPECT_EQ(all.told(), "fired page");
  EXPECT_EQ(sampled.told(), "");
}

TEST(Slo, SharesOfTheBudgetAreToldOnceAndAgainWhenItHasRecovered) {
  SloPolicy policy = policy_of(0.99, std::chrono::days(2));
  policy.burns = {};
  policy.alert_at = {0.5, 1.0};
  SloRun run(policy);
  run.pass(48h, 1200, 0.004);
  EXPECT_EQ(run.told(), "");
  run.pass(24h, 1200, 0.014);
  EXPECT_EQ(run.told(), "50 fired");
  EXPECT_NEAR(run.events[0].standing.allowed, 576, 1);
  EXPECT_NEAR(run.events[0].standing.counts.bad, 288, 4);
  run.pass(24h, 1200, 0.014);
  EXPECT_EQ(run.told(), "50 fired, 100 fired");
  run.pass(48h, 1200, 0);
  EXPECT_EQ(run.told(), "50 fired, 100 fired, 100 resolved, 50 resolved");
  run.pass(48h, 1200, 0.006);
  EXPECT_EQ(run.told(), "50 fired, 100 fired, 100 resolved, 50 resolved, 50 fired");
}

TEST(Slo, TheBudgetOfAShortPastIsThatOfAWholePeriod) {
  SloRun run(policy_of(0.99));
  run.pass(24h, 1000, 0.02);
  const SloStanding seen = run.slo.standing(run.now, run.policy);
  EXPECT_NEAR(seen.allowed, 7200, 1) << "1 % of 30 days";
  EXPECT_NEAR(seen.spent(), 480.0 / 7200, 1e-3);
  EXPECT_NEAR(seen.burn, 2, 1e-3);
}

TEST(Slo, ItSaysWhenTheBudgetWillBeGone) {
  SloPolicy policy = policy_of(0.99);
  policy.alert_at = {0.5};
  SloRun run(policy);
  run.pass(30 * 24h, 1000, 0.004);
  while (run.events.empty()) run.pass(1h, 1000, 0.03);
  const SloStanding seen = run.events[0].standing;
  ASSERT_TRUE(seen.gone && seen.gone->at && seen.gone->earliest && seen.gone->latest);
  EXPECT_LE(*seen.gone->earliest, *seen.gone->at);
  EXPECT_LE(*seen.gone->at, *seen.gone->latest);
  const Timestamp foreseen = *seen.gone->at;
  // It goes on as it did lately.
  while (run.slo.standing(run.now, policy).left() > 0) run.pass(1h, 1000, seen.burn * 0.01);
  EXPECT_LE(std::abs(to_seconds(run.now - foreseen)), 3600 * 24) << "told days before";
  EXPECT_GT(foreseen - run.events[0].observed_at, Duration(4 * 24h));
}

TEST(Slo, WhatComesLateCountsWhenItHappened) {
  SloRun in_time(policy_of(0.99));
  SloRun late(policy_of(0.99));
  for (SloRun* run : {&in_time, &late}) run->pass(2h, 1000, 0);
  in_time.slo.charge(in_time.now, SloCounts::of(50, 5), in_time.policy);
  in_time.pass(3h, 1000, 0);
  const Timestamp then = late.now;
  late.pass(3h, 1000, 0);
  EXPECT_TRUE(late.slo.charge_late(then, SloCounts::of(50, 5), late.policy));
  EXPECT_FALSE(late.slo.charge_late(then - 60 * 24h, SloCounts::of(50, 5), late.policy));
  ByteWriter a;
  ByteWriter b;
  in_time.slo.save(a);
  late.slo.save(b);
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(Slo, ARestoredOneGoesOnAsIfNothingHadHappened) {
  SloPolicy policy = policy_of(0.995, std::chrono::days(7));
  policy.alert_at = {0.25, 0.5, 1};
  SloRun straight(policy);
  SloRun broken(policy);
  std::mt19937_64 random(3);
  for (int i = 0; i < 400; ++i) {
    const double bad = i % 50 < 6 ? 0.2 : 0.001 * static_cast<double>(random() % 8);
    straight.pass(25min, 900, bad);
    broken.pass(25min, 900, bad);
    ByteWriter state;
    broken.slo.save(state);
    EXPECT_LT(state.bytes().size(), 4000u);
    ByteReader in(state.bytes());
    broken.slo = Slo();
    ASSERT_TRUE(broken.slo.load(in).ok());
    ASSERT_TRUE(in.at_end());
  }
  EXPECT_EQ(straight.told(), broken.told());
  EXPECT_GT(straight.events.size(), 10u);
}

TEST(Slo, StateThatIsCutOffIsRefused) {
  SloRun run(policy_of(0.99));
  run.pass(24h, 1000, 0.2);
  ByteWriter state;
  run.slo.save(state);
  for (size_t size = 0; size < state.bytes().size(); ++size) {
    const std::string part = state.bytes().substr(0, size);
    ByteReader in(part);
    Slo slo;
    EXPECT_FALSE(slo.load(in).ok()) << size;
  }
}

TEST(Slo, OneThatIsGoneEndsItsAlertsOnce) {
  SloPolicy policy = policy_of(0.99);
  policy.alert_at = {0.01};
  SloRun run(policy);
  run.pass(24h, 1000, 0.3);
  ASSERT_TRUE(run.slo.is_firing());
  const auto ended = run.slo.retire(run.now);
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_TRUE(ended[0].is_gone);
  EXPECT_FALSE(run.slo.is_firing());
  EXPECT_TRUE(run.slo.retire(run.now).empty());
}

TEST(Slo, WhatPeopleExpectDoesNotBeginToAlert) {
  SloRun run(policy_of(0.99));
  run.pass(24h, 1000, 0);
  run.pass(2h, 1000, 0.5, true);
  EXPECT_EQ(run.told(), "");
  run.pass(10min, 1000, 0.5);
  EXPECT_EQ(run.told(), "fired page");
}

}  // namespace
}  // namespace tidewatch
