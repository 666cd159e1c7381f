#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/backtest/assessment.h"
#include "app/backtest/comparison.h"
#include "app/backtest/inputs.h"
#include "app/config/config.h"

namespace tidewatch {

struct BacktestRequest {
  Config config;
  BacktestFiles files;
  std::string labels;  ///< file; empty: none
  std::string out;     ///< folder
  LabelTolerance tolerance{};
  std::optional<Config> other{};  ///< to compare with
};

struct BacktestReport {
  nlohmann::json json;  ///< what report.json says
  std::vector<v1::Alert> alerts;
  std::optional<Assessment> assessment;  ///< with labels; points into `alerts`
  std::optional<Comparison> comparison;  ///< with another config
  std::vector<v1::Alert> other_alerts;
  std::optional<Assessment> other_assessment;  ///< points into `other_alerts`
  uint64_t unreadable = 0;                     ///< lines and parts of messages that were left out
  std::shared_ptr<const void> runs;            ///< what `comparison` points into
};

/// The same stages over files, as fast as the machine can; writes alerts.jsonl, quality-scores.jsonl, rollouts.jsonl,
/// changes.jsonl, dead-letter.jsonl and report.json. With another config both work on one reading of the files;
/// compare.json says what differs, and what the other published is in the folder `other`. `on_progress` is told the
/// share of the files that was read.
/// Errors: `open_failed`, `write_failed`, `bad_label`, and those of make_flow().
Result<BacktestReport> run_backtest(const BacktestRequest& request, const std::function<void(double)>& on_progress);

}  // namespace tidewatch
