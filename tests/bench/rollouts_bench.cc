// How often rollouts end wrongly, and how soon they end, beside tests of one look and Kayenta's.
//
// Usage: rollouts_bench [--runs N] [--power-runs N]
// Wrong rollbacks: arms that differ by just the margin (the worst that is allowed). Wrong promotions: the same, as
// nothing is left to be desired of a treatment that is any worse. Each run lasts eight hours at one step of a half (or
// as named), judged after every minute. `one look`: a one-sided z-test at the end. `Kayenta`: Mann-Whitney of the
// minutes' values of both arms, two-sided at 98 %, as its NetflixACAJudge asks (without tolerance), here asked anew
// every half hour of all that there is.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "unit/detectors/decide/rollout/arm_traffic.h"

namespace tidewatch::testing {
namespace {

constexpr int kMinutes = 8 * 60;

RolloutPlan plan_of(GuardPlan guard) {
  RolloutPlan out;
  out.steps = {0.5};
  out.guards = {guard};
  return out;
}

GuardPlan rate(double margin) { return {.kind = GuardPlan::Kind::rate, .margin = margin}; }
GuardPlan relative(GuardPlan::Kind kind, double margin) {
  return {.kind = kind, .quantile = 0.95, .is_relative = true, .margin = margin};
}

struct Case {
  std::string name;
  RolloutPlan plan;
  ArmTrafficOptions traffic;
};

double percent(int of, int all) { return 100.0 * of / all; }

void errors(const std::vector<Case>& cases, int runs) {
  fmt::print("{:<58} {:>9} {:>9} {:>9}\n", "arms differ by the margin", "rollback", "promoted", "undecided");
  for (const Case& one : cases) {
    int rolled_back = 0;
    int promoted = 0;
    for (int seed = 0; seed < runs; ++seed) {
      const auto end = run_rollout(one.plan, one.traffic, static_cast<uint64_t>(seed), kMinutes);
      rolled_back += end.phase == Rollout::Phase::rolled_back ? 1 : 0;
      promoted += end.phase == Rollout::Phase::promoted ? 1 : 0;
    }
    fmt::print("{:<58} {:>7.2f} % {:>7.2f} % {:>7.2f} %\n", one.name, percent(rolled_back, runs),
               percent(promoted, runs), percent(runs - rolled_back - promoted, runs));
    std::fflush(stdout);
  }
}

/// Two-sided p-value of the Mann-Whitney test by its normal approximation with ties.
double mann_whitney(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<std::pair<double, bool>> all;
  for (const double x : a) all.emplace_back(x, true);
  for (const double x : b) all.emplace_back(x, false);
  std::sort(all.begin(), all.end());
  double ranks = 0;
  double ties = 0;
  for (size_t i = 0; i < all.size();) {
    size_t end = i;
    while (end < all.size() && all[end].first == all[i].first) ++end;
    const auto tied = static_cast<double>(end - i);
    const double rank = (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
    for (size_t j = i; j < end; ++j) ranks += all[j].second ? rank : 0;
    ties += tied * tied * tied - tied;
    i = end;
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double all_n = n + m;
  const double u = ranks - n * (n + 1) / 2 - n * m / 2;
  const double variance = n * m / 12 * (all_n + 1 - ties / (all_n * (all_n - 1)));
  if (variance <= 0) return 1;
  return 2 * cdf(complement(boost::math::normal(), std::max(0.0, std::abs(u) - 0.5) / std::sqrt(variance)));
}

struct OtherEnds {
  bool one_look = false;
  double kayenta_minutes = -1;  ///< of the first verdict against the treatment; -1: none
};

OtherEnds others(const RolloutPlan& plan, const ArmTrafficOptions& options, uint64_t seed, int minutes) {
  ArmTraffic traffic(options, plan, seed);
  std::vector<double> values[2];
  GroupSums all[2];
  OtherEnds out;
  for (int i = 0; i < minutes; ++i) {
    const RolloutPane pane = traffic.pane(plan.steps.front(), i / 60.0);
    for (size_t arm = 0; arm < 2; ++arm) {
      const GroupSums sums = pane.guards[0].sums[arm].all();
      all[arm].add(sums);
      if (sums.weight > 0) values[arm].push_back(sums.total / sums.weight);
    }
    if ((i + 1) % 30 != 0 || out.kayenta_minutes >= 0 || values[0].empty() || values[1].empty()) continue;
    const bool is_worse = all[1].total / all[1].weight > all[0].total / all[0].weight;
    if (is_worse && mann_whitney(values[0], values[1]) < 0.02) out.kayenta_minutes = i + 1;
  }
  const double treatment = all[1].total / all[1].weight;
  const double control = all[0].total / all[0].weight;
  const double pooled = (all[1].total + all[0].total) / (all[1].weight + all[0].weight);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / all[1].weight + 1 / all[0].weight));
  out.one_look = treatment - control > 1.645 * error;
  return out;
}

double median(std::vector<double> of) {
  if (of.empty()) return NAN;
  std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2), of.end());
  return of[of.size() / 2];
}

void power(int runs) {
  fmt::print("\n{:<46} {:>24} {:>10} {:>24}\n", "worse than 5 % by (margin 0), four hours", "rolled back, median min",
             "one look", "Kayenta, median min");
  struct Traffic {
    double per_minute;
    double share;
  };
  for (const auto [per_minute, share] : {Traffic{100, 0.5}, Traffic{100, 0.05}, Traffic{20, 0.1}})
    for (const double points : {0.0, 0.01, 0.02, 0.05}) {
      RolloutPlan plan = plan_of(rate(0));
      plan.steps = {share};
      const ArmTrafficOptions traffic{.per_minute = per_minute, .control = 0.05, .treatment = 0.05 + points};
      std::vector<double> found;
      std::vector<double> by_kayenta;
      int by_one_look = 0;
      for (int seed = 0; seed < runs; ++seed) {
        const auto end = run_rollout(plan, traffic, static_cast<uint64_t>(seed), 240);
        if (end.phase == Rollout::Phase::rolled_back) found.push_back(end.minutes);
        const OtherEnds other = others(plan, traffic, static_cast<uint64_t>(seed), 240);
        by_one_look += other.one_look ? 1 : 0;
        if (other.kayenta_minutes >= 0) by_kayenta.push_back(other.kayenta_minutes);
      }
      fmt::print(
          "{:<46} {:>11.1f} % {:>10.0f} {:>8.1f} % {:>11.1f} % {:>10.0f}\n",
          fmt::format("{:g} points, {:g} requests a minute, {:g} % of them", points * 100, per_minute, share * 100),
          percent(static_cast<int>(found.size()), runs), median(found), percent(by_one_look, runs),
          percent(static_cast<int>(by_kayenta.size()), runs), median(by_kayenta));
      std::fflush(stdout);
    }
}

std::vector<Case> error_cases() {
  using Kind = GuardPlan::Kind;
  std::vector<Case> out;
  const auto add = [&](std::string name, RolloutPlan plan, ArmTrafficOptions traffic) {
    out.push_back({std::move(name), std::move(plan), std::move(traffic)});
  };
  const auto season = [](double hours) { return 1 + 0.5 * std::sin(hours); };
  add("rate 5 %, margin 0", plan_of(rate(0)), {});
  add("rate 5 %, margin 1 point", plan_of(rate(0.01)), {.treatment = 0.06});
  add("rate 0.5 %, 20 a minute, margin 0", plan_of(rate(0)), {.per_minute = 20, .control = 0.005, .treatment = 0.005});
  {
    RolloutPlan plan = plan_of(rate(0));
    plan.steps = {0.05};
    add("rate 0.5 %, 5 % of the traffic, margin 0", plan, {.control = 0.005, .treatment = 0.005});
    plan.steps = {0.05, 0.25, 0.5};
    add("rate 5 %, 5, 25, 50 %, level swings by the hour", plan, {.season = season});
  }
  add("rate 5 %, relative margin 20 %", plan_of(relative(Kind::rate, 0.2)), {.treatment = 0.06});
  add("mean, margin 0", plan_of(relative(Kind::mean, 0)), {.control = 1, .treatment = 1});
  add("mean, heavy tails (sigma 1.5), margin 10 %", plan_of(relative(Kind::mean, 0.1)),
      {.control = 1, .treatment = 1.1, .spread = 1.5});
  add("p95, margin 0", plan_of(relative(Kind::quantile, 0)), {.control = 1, .treatment = 1});
  add("p95, margin 10 %", plan_of(relative(Kind::quantile, 0.1)), {.control = 1, .treatment = 1.1});
  add("rate 5 %, 2,000 users that stick to their arm", plan_of(rate(0)), {.users = 2000});
  add("p95, 2,000 users that stick to their arm", plan_of(relative(Kind::quantile, 0)),
      {.control = 1, .treatment = 1, .users = 2000, .user_spread = 0.5});
  {
    GuardPlan goal = rate(0.01);
    goal.is_goal = true;
    add("A/B: goal, equal arms", plan_of(goal), {});
  }
  return out;
}

int run(int argc, char** argv) {
  CLI::App app{"How often rollouts end wrongly, and how soon they end"};
  int runs = 10'000;
  int power_runs = 1'000;
  std::string only;
  app.add_option("--runs", runs, "simulations of each null case");
  app.add_option("--power-runs", power_runs, "simulations of each case with an effect");
  app.add_option("--only", only, "null cases whose name has this");
  CLI11_PARSE(app, argc, argv);
  auto cases = error_cases();
  std::erase_if(cases, [&](const Case& one) { return one.name.find(only) == std::string::npos; });
  errors(cases, runs);
  if (power_runs > 0) power(power_runs);
  return 0;
}

}  // namespace
}  // namespace tidewatch::testing

int main(int argc, char** argv) { return tidewatch::testing::run(argc, argv); }
