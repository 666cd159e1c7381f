#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/backtest/inputs.h"
#include "app/config/config.h"
#include "detectors/sketch/aggregate.h"

namespace tidewatch {

struct EvaluateRequest {
  Config config;
  BacktestFiles files;
  std::string out;  ///< file of evaluations; beside it `<stem>.reported.jsonl`
};

/// What the evaluations of a validator come to.
struct EvaluatedRule {
  std::string name;
  Aggregate passed{MeasureKind::rate, WorstEnd::smallest};  ///< of the sample, by inverse inclusion probability
  uint64_t judged = 0;                                      ///< evaluations of the sample
  uint64_t not_applicable = 0;
  std::string why_not;                ///< of the first that was not applicable
  std::vector<std::string> failures;  ///< "<trace id>: why" of the first of them
};

struct EvaluateReport {
  uint64_t requests = 0;
  uint64_t chosen = 0;         ///< in the sample
  uint64_t reported_late = 0;  ///< looked at outside of it
  uint64_t over_budget = 0;
  uint64_t without_answer = 0;  ///< of those looked at: no answer was recorded
  uint64_t unreadable = 0;      ///< lines and parts of messages that were left out
  std::vector<EvaluatedRule> rules;
};

/// Chooses requests of files as `sampling` says and applies the validators of the config to their full texts. Writes
/// one evaluation (docs/topics/llm.evaluations.md) a line, with the time of its request, for `backtest --evaluations`
/// or for the topic; what is outside of the sample goes to a file of its own. Reads the files twice: once to choose,
/// once for the texts of what was chosen, so that memory does not grow with them. Errors: `open_failed`,
/// `write_failed`, `bad_data` (no request, or nothing to do), those of make_flow().
Result<EvaluateReport> evaluate_files(const EvaluateRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
