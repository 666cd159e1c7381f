#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "stream/assemble/custom_measure.h"
#include "stream/assemble/sampling.h"
#include "stream/window/entity.h"

namespace tidewatch {

/// What a model's tokens cost, in USD per million. Prices that are not stated count as the input price (cached,
/// cache_write) or the output price (reasoning is part of output).
struct ModelPrice {
  std::string model;     ///< response or request model, exact, or a prefix that ends with `*`
  std::string provider;  ///< empty: any
  double input = 0;
  double output = 0;
  std::optional<double> cached_input;
  std::optional<double> cache_write;
  double per_call = 0;  ///< USD
};

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
  size_t max_spans_per_trace = 10'000;  ///< more are counted and left out
  std::vector<CustomMeasure> measures;
  std::vector<ModelPrice> prices;
  SamplingOptions sampling;  ///< its period is at most half of join_horizon, so that a replay offers what was offered
};

}  // namespace tidewatch
