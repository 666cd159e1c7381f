#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/evaluate/judge_sample.h"
#include "detectors/core/result.h"
#include "detectors/estimate/paired_change.h"

namespace tidewatch {

/// An answer that never changes, with what a judge said of it, or should say.
struct Canary {
  std::string id;
  std::string judge;
  JudgedTexts texts;
  bool passed = false;  ///< as it should be
};

/// One JSON object a line: `id`, `judge`, `answer`, `passed`, and `question` and `documents` where there are some.
/// Errors: `open_failed`; `bad_data` with file and line, also for an id that a judge has twice.
Result<std::vector<Canary>> read_canaries(const std::string& path);

struct CanaryRequest {
  Config config;
  std::string canaries;
  std::string history;  ///< what earlier runs gave, one item a line; this one's are appended
  std::string out;      ///< file of evaluations
  Timestamp now{};
};

/// How a judge did on its canaries.
struct CanaryResult {
  std::string judge;
  std::string evaluator;
  uint64_t judged = 0;
  uint64_t as_expected = 0;
  uint64_t unjudged = 0;
  size_t runs_before = 0;   ///< of this evaluator, that it is compared with
  PairedChange since_then;  ///< of the scores
  bool has_drifted() const;
};

struct CanaryReport {
  std::vector<CanaryResult> judges;
  std::string ended_early;  ///< as of JudgeReport
};

/// Least chance that is no drift: once in 1,024 runs, the 10 bits of surprise that alerts need too.
inline constexpr double kDriftChance = 1.0 / 1024;
/// Runs that an evaluator is compared with: its first ones.
inline constexpr size_t kFirstRuns = 3;

/// Has each judge judge its canaries anew (no cache) and compares their scores, item by item, with the mean of what the
/// same evaluator gave in its first runs. Answers that never change tell a judge that changes from quality that does.
/// Writes evaluations named `judge_canary_<judge>` of the service `tidewatch-judge`: `score` as judged, `passed` when
/// it was as expected. Errors: those of reading, `write_failed`, `bad_data` for a judge that the config does not have,
/// those of judge_sample().
Result<CanaryReport> run_canaries(const CanaryRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
