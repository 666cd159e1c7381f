#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"
#include "app/backtest/inputs.h"
#include "app/config/config.h"

namespace tidewatch {

struct BacktestRequest {
  Config config;
  BacktestFiles files;
  std::string labels;  ///< file; empty: none
  std::string out;     ///< folder
};

struct BacktestReport {
  nlohmann::json json;  ///< what report.json says
  std::vector<v1::Alert> alerts;
  std::optional<Assessment> assessment;  ///< with labels; points into `alerts`
  uint64_t unreadable = 0;               ///< lines and parts of messages that were left out
};

/// The same stages over files, as fast as the machine can; writes alerts.jsonl, quality-scores.jsonl, rollouts.jsonl,
/// changes.jsonl, dead-letter.jsonl and report.json. `on_progress` is told the share that was read, [0, 1].
/// Errors: `open_failed`, `write_failed`, `bad_label`, and those of make_flow().
Result<BacktestReport> run_backtest(const BacktestRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
