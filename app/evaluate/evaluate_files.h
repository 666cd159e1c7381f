#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/backtest/inputs.h"
#include "app/config/config.h"
#include "app/evaluate/calibration.h"
#include "app/evaluate/judge_sample.h"
#include "app/evaluate/read_sample.h"
#include "detectors/sketch/aggregate.h"

namespace tidewatch {

struct EvaluateRequest {
  Config config;
  BacktestFiles files;
  std::string labels;  ///< file of what people said of some of them (read_human_labels); empty: none
  std::string out;     ///< file of evaluations
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
  SampleCounts sample;
  uint64_t without_answer = 0;  ///< of those looked at: no answer was recorded
  std::vector<EvaluatedRule> rules;
  JudgeReport judged;
  std::vector<JudgeCalibration> calibrations;
  uint64_t unused_labels = 0;  ///< of what was not judged, or by no judge of that name
};

/// Applies the validators and judges of the config to the full texts of requests that are chosen from files
/// (read_sample.h). Writes one evaluation (docs/topics/llm.evaluations.md) a line, with the time of its request, for
/// `backtest --evaluations` or for the topic. Errors: `write_failed`, `bad_data` (nothing to do), those of
/// read_sample(), read_human_labels() and judge_sample(); a judge that is away is none.
Result<EvaluateReport> evaluate_files(const EvaluateRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
