#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/custom_measure.h"
#include "stream/assemble/model_price.h"
#include "stream/assemble/sampling.h"
#include "stream/assemble/turns.h"
#include "stream/rollout/rollout_rule.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// Default groups of labels that are watched.
std::vector<EntityGroup> default_entities();

std::vector<std::string> default_ignored_endpoints();

struct AssembleOptions {
  Duration pane = std::chrono::minutes(1);
  std::vector<EntityGroup> entities = default_entities();
  Duration trace_quiet = std::chrono::seconds(10);    ///< after a trace's last span, its root seen
  Duration trace_timeout = std::chrono::seconds(60);  ///< the same, while no root was seen
  Duration join_horizon = std::chrono::hours(1);      ///< labels are kept for late spans, feedback and evaluations
  /// Endpoints whose plain requests are no requests of users: health checks, metrics. Exact, or a prefix and `*`.
  std::vector<std::string> ignored_endpoints = default_ignored_endpoints();
  size_t max_spans_per_trace = 10'000;                              ///< more are counted and left out
  std::vector<std::string> sessions_by = default_session_labels();  ///< the first that a request has names its session
  std::vector<CustomMeasure> measures;
  std::vector<ModelPrice> prices;
  std::vector<CurrencyRate> currencies;
  bool has_shipped_prices = true;  ///< what `prices` do not say is looked up in shipped_prices()
  std::vector<RolloutRule> rollouts;
  SamplingOptions sampling;  ///< its period is at most half of join_horizon, so that a replay offers what was offered

  /// How long a request is waited for at most.
  Duration longest_wait() const { return std::max(trace_quiet, trace_timeout); }
};

}  // namespace tidewatch
