#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/time.h"
#include "detectors/core/verdict.h"
#include "detectors/decide/false_alarms.h"
#include "detectors/decide/severity.h"
#include "detectors/detect/registry.h"
#include "stream/assemble/custom_measure.h"
#include "stream/assemble/model_price.h"
#include "stream/detect/budget/budget_rule.h"
#include "stream/detect/expected_events.h"
#include "stream/detect/slo/slo_rule.h"
#include "stream/publish/wire_format.h"
#include "stream/rollout/rollout_rule.h"
#include "stream/window/colocation.h"
#include "stream/window/entity.h"
#include "stream/window/holiday.h"

namespace tidewatch {

/// A detector on the measures of entities: one entry of `detectors:` in the config.
struct DetectorRule {
  std::string name;                           ///< unique; part of the alerts' ids
  std::string detector;                       ///< name in detectors/detect/registry.def
  DetectorSettings settings;                  ///< its parameters, as text
  std::vector<std::string> measures;          ///< watched names, "latency_p95"; several: multivariate detectors
  std::vector<EntityGroup> entities;          ///< groups it runs on; empty: every group of the config
  Duration window = std::chrono::minutes(5);  ///< a multiple of the pane
  /// Observations that are judged at least; a window with fewer waits for those that follow (Watcher). Sums, distinct
  /// counts and the volume that `gap` watches tell of few by themselves, and are judged as they are.
  uint32_t min_count = 10;
  /// Side that counts; empty: the worse side of the measure, or either where neither is worse.
  std::optional<Direction> direction;
  double min_effect = 0.1;               ///< relative
  double min_effect_absolute = 0;        ///< in the measure's units
  uint32_t for_windows = 1;              ///< in a row, before it fires
  uint32_t resolve_after = 3;            ///< calm windows in a row, before it ends
  Severity severity = Severity::ticket;  ///< at least
  std::optional<double> page_above;      ///< relative effect that pages
  bool is_enabled = true;
};

/// What is watched when the config says nothing (default_rules.cc).
std::vector<DetectorRule> default_rules();

struct DetectOptions {
  Duration pane = std::chrono::minutes(1);
  Duration allowed_lateness = Duration::zero();     ///< panes stay open for so long behind the watermark
  Duration score_window = std::chrono::minutes(5);  ///< quality scores are published by this tumbling window
  /// Weights in the quality index by measure, where they are not those of measures.def; 0: not part of it.
  std::map<std::string, double, std::less<>> index_weights;
  std::vector<EntityGroup> entities;            ///< the first is the topmost: incidents are named after it
  EntityGroup colocate = default_colocation();  ///< entities that share these labels share a partition
  bool borrow = true;                           ///< from relatives, where an entity has no past
  std::vector<DetectorRule> rules = default_rules();
  std::vector<CustomMeasure> measures;
  std::vector<BudgetRule> budgets;
  std::vector<CurrencyRate> currencies;
  std::vector<RolloutRule> rollouts;
  std::vector<SloRule> slos;
  /// Evaluations that look for unsafe answers: one that fails pages at once (ConfirmedCases).
  std::vector<std::string> safety_evaluations = {"safety"};
  FalseAlarmBudget false_alarms;
  std::string reference;          ///< what a test set showed: lines of v1.Reference (ReferenceSet); empty: none
  size_t max_entities = 10'000;   ///< per task; of more, the rarest are counted together as `other`
  std::string time_zone = "UTC";  ///< of hours and weekdays in seasons
  std::vector<Holiday> holidays;  ///< there
  std::vector<ExpectedEvent> expected_events;
  WireFormat format = WireFormat::json;
  bool is_shadow = false;      ///< publish nothing but quality scores
  std::string config_version;  ///< written into every alert
};

}  // namespace tidewatch
