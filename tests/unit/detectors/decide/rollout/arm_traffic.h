#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "detectors/decide/rollout/rollout.h"

namespace tidewatch::testing {

/// Traffic of two arms, pane by pane, for a rollout of one guard.
struct ArmTrafficOptions {
  double per_minute = 100;
  /// What an arm's requests show, as the level of the measure at a time: a rate, or the median of log-normal values.
  double control = 0.05;
  double treatment = 0.05;
  double spread = 0.6;                              ///< sigma of the logarithm of values; unused for rates
  std::function<double(double hours)> season = {};  ///< times the level of both arms
  size_t users = 0;                                 ///< that stick to their arms; 0: each request is a unit of its own
  double user_spread = 1;                           ///< sigma of the logarithm of each user's own level and traffic
};

class ArmTraffic {
 public:
  ArmTraffic(const ArmTrafficOptions& options, const RolloutPlan& plan, uint64_t seed)
      : options_(options), plan_(plan), random_(seed) {
    std::vector<double> activity;
    for (size_t i = 0; i < options.users; ++i) {
      activity.push_back(std::exp(options.user_spread * normal_(random_)));
      levels_.push_back(std::exp(options.user_spread * normal_(random_)));
      places_.push_back(uniform_(random_));
      groups_.push_back(random_() % kRandomGroups);
    }
    // Of the mean level that was asked for: a rate by all traffic.
    double weighted = 0;
    double all = 0;
    for (size_t i = 0; i < options.users; ++i) {
      weighted += activity[i] * levels_[i];
      all += activity[i];
    }
    for (double& level : levels_) level /= weighted / all;
    if (options.users > 0) who_ = std::discrete_distribution<size_t>(activity.begin(), activity.end());
  }

  RolloutPane pane(double share, double hours) {
    RolloutPane out(plan_);
    const double season = options_.season ? options_.season(hours) : 1;
    const auto requests = std::poisson_distribution<int>(options_.per_minute)(random_);
    for (int i = 0; i < requests; ++i) {
      size_t group = 0;
      double level = season;
      double place = 0;
      if (options_.users > 0) {
        const size_t user = who_(random_);
        group = groups_[user];
        level *= levels_[user];
        place = places_[user];
      } else {
        group = random_() % kRandomGroups;
        place = uniform_(random_);
      }
      const size_t arm = place < share ? 1 : 0;
      level *= arm == 1 ? options_.treatment : options_.control;
      out.requests[arm][group].add({1, 0, 1});
      for (size_t g = 0; g < plan_.guards.size(); ++g) add(out.guards[g], plan_.guards[g], arm, group, level);
    }
    return out;
  }

 private:
  void add(GuardSums& sums, const GuardPlan& guard, size_t arm, size_t group, double level) {
    if (guard.kind == GuardPlan::Kind::rate) {
      sums.sums[arm][group].add({1, uniform_(random_) < level ? 1.0 : 0.0, 1});
      return;
    }
    const double value = level * std::exp(options_.spread * normal_(random_));
    if (guard.kind == GuardPlan::Kind::mean) {
      sums.sums[arm][group].add({1, value, 1});
    } else {
      TailCounts& tail = sums.tail(Arm{static_cast<uint8_t>(arm)}, group);
      tail.add(value, 1);
      tail.add_effective(1);
    }
  }

  ArmTrafficOptions options_;
  RolloutPlan plan_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  std::discrete_distribution<size_t> who_;
  std::vector<double> levels_;
  std::vector<double> places_;
  std::vector<size_t> groups_;
};

/// How a rollout ended.
struct RolloutEnd {
  Rollout::Phase phase = Rollout::Phase::waiting;
  RolloutReason reason = RolloutReason::begun;
  double minutes = 0;  ///< from its start
};

/// Runs it for so many panes of a minute; routers do at once what it says.
inline RolloutEnd run_rollout(const RolloutPlan& plan, const ArmTrafficOptions& options, uint64_t seed, int minutes) {
  constexpr Timestamp kStart{std::chrono::hours(24 * 365 * 55)};
  constexpr Duration kMinute = std::chrono::minutes(1);
  ArmTraffic traffic(options, plan, seed);
  Rollout rollout;
  double share = plan.steps.front();
  RolloutEnd out;
  for (int i = 0; i < minutes; ++i) {
    const auto news = rollout.step(plan, traffic.pane(share, i / 60.0), kStart + (i + 1) * kMinute, kMinute);
    if (!news) continue;
    share = news->share;
    out.phase = rollout.phase();
    out.reason = news->reason;
    out.minutes = i + 1;
    if (!rollout.is_running()) return out;
  }
  out.minutes = minutes;
  return out;
}

}  // namespace tidewatch::testing
