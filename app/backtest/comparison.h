#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"
#include "app/backtest/backtest_run.h"
#include "app/backtest/reasons.h"

namespace tidewatch {

/// One alert from its first firing to the end, as one config saw it.
struct AlertEpisode {
  const v1::Alert* fired = nullptr;  ///< the transition with which it began
  size_t place = 0;                  ///< of that among the alerts of its run
  std::string severity{};            ///< the highest it had
  Timestamp starts_at{};
  Timestamp observed_at{};                 ///< when it was decided
  std::optional<Timestamp> resolved_at{};  ///< empty: it still fires at the end
};

/// What another config makes of one alert.
struct AlertDifference {
  enum class Kind : uint8_t { appears, vanishes, moves, changes_severity };  ///< what moves may change both
  Kind kind = Kind::appears;
  std::optional<AlertEpisode> before{};  ///< of the config
  std::optional<AlertEpisode> after{};   ///< of the other config
  std::vector<Reason> reasons{};         ///< why the config that lacks it, or has it later, lacked it

  const v1::Alert& alert() const { return before ? *before->fired : *after->fired; }
};

/// Two configs over the same data.
struct Comparison {
  std::vector<ConfigDifference> config;
  std::vector<AlertDifference> differences;  ///< by time
  size_t same = 0;                           ///< alerts that both fired at the same times with the same severity
  size_t before = 0;                         ///< alerts of the config
  size_t after = 0;                          ///< of the other
};

/// Remembers what one config judged around the alerts of another while both go on: traces are not kept for ever.
class ComparisonNotes {
 public:
  /// How far a note reaches to both sides of an alert, and how far apart alerts of the two may be to be the same.
  static constexpr Duration kReach = std::chrono::hours(2);
  static constexpr Duration kKeep = std::chrono::hours(24);  ///< of the traces of both: windows may be long

  /// Pre: the runs outlive it. The other config is asked about alerts that fire under the config that fires.
  ComparisonNotes(const BacktestRun& fires, const BacktestRun& asked) : fires_(&fires), asked_(&asked) {}

  /// After each step of both runs; `is_end`: nothing will follow.
  void take(bool is_end);

  /// What was judged around the transition at this place among the alerts of the run that fires.
  const std::vector<TracedVerdict>& at(size_t alert) const { return notes_.at(alert); }

 private:
  const BacktestRun* fires_;
  const BacktestRun* asked_;
  std::vector<std::vector<TracedVerdict>> notes_;  ///< by transition; empty for those that did not fire
};

/// Alerts of one rule on one entity are the same when they overlap, or were decided at most kReach apart.
/// `of_before`: what the other config judged at the alerts of `before`; `of_after` the other way round.
Comparison compare(const BacktestRun& before, const BacktestRun& after, const ComparisonNotes& of_before,
                   const ComparisonNotes& of_after);

nlohmann::json to_json(const Comparison& comparison);
std::string to_text(const Comparison& comparison);
/// Recall, precision, false alarms and delay side by side, with the incidents that only one of them found.
std::string to_table(const Assessment& before, const Assessment& after);

}  // namespace tidewatch
