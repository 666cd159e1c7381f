#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/decide/rollout/rollout.h"

namespace tidewatch {

/// A canary or an A/B test as people declare it: one entry of `rollouts:` in the config.
struct RolloutRule {
  struct Guard {
    std::string measure;  ///< watched name of a rate or a distribution: "refusal_rate", "latency_p95"
    double by = 0;        ///< worse (of a goal: better) by so much
    bool is_relative = false;
    bool is_goal = false;
  };
  std::string name;                                       ///< unique
  std::map<std::string, std::vector<std::string>> where;  ///< only requests with these labels: applies_to()
  std::string label = "variant";                          ///< whose values tell the arms apart
  std::string control = "stable";
  std::string treatment = "canary";
  /// The first of these labels that a request has names its unit, whose requests are not independent of each other;
  /// one that has none is a unit of its own.
  std::vector<std::string> units = {"user", "session"};
  RolloutPlan plan;  ///< but for its guards
  std::vector<Guard> guards;
  std::string flag_file;                         ///< where each process writes the treatment's share; empty: nowhere
  Duration drill_every = std::chrono::days(30);  ///< a drill that is longer ago is overdue
};

}  // namespace tidewatch
