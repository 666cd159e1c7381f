#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/backtest/verdict_trace.h"
#include "app/config/config.h"
#include "app/config/differences.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// Why an alert did not fire (or not then) under a config.
struct Reason {
  /// rule_absent, rule_disabled, entity_not_watched, shadow, not_judged, suppressed, missing, warming_up, min_count,
  /// surprise, effect, effect_absolute, for_windows, firing_already, window_open, other_time,
  /// config
  std::string code;
  std::string text;  ///< for a person: "surprise 14.2 bits < 17.6 needed"
};

/// Name by which the verdicts of the rule of an alert are known under a config (verdict_trace.h).
WatchName watch_of(const Config& config, const std::string& rule, const std::string& measure);

/// What the verdict that came nearest to an alert lacked; none when it had everything. `unit`: of the measure
/// ("share", "seconds", ...), for the words.
std::vector<Reason> lacking(std::span<const TracedVerdict> verdicts, std::string_view unit);

/// The verdict that came nearest to an alert; null when there are none.
const TracedVerdict* nearest_verdict(std::span<const TracedVerdict> verdicts);
/// "from 14:05 to 14:10 UTC: 3.1 % (expected 2.0 %)".
std::string in_words(const TracedVerdict& verdict, std::string_view unit);

/// Why `alert` did not fire under `config`. `verdicts`: what its rule said there while the alert began; `differences`:
/// to the config under which it fired, of which those of its rule and of what all rules share are named.
std::vector<Reason> why_absent(const v1::Alert& alert, const Config& config, std::span<const TracedVerdict> verdicts,
                               std::span<const ConfigDifference> differences);

/// Differences that may concern a rule, each as a reason.
std::vector<Reason> config_reasons(const std::string& rule, std::span<const ConfigDifference> differences);

}  // namespace tidewatch
