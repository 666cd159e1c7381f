#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/backtest/inputs.h"
#include "app/backtest/outputs.h"
#include "app/backtest/verdict_trace.h"
#include "app/config/config.h"

namespace tidewatch {

/// The stages of one config over files, with what they publish. Several may share one reading of the files.
class BacktestRun {
 public:
  /// `keeps_verdicts`: it can be asked why no alert fired. Errors: `write_failed`, those of make_flow().
  static Result<std::unique_ptr<BacktestRun>> open(Config config, const BacktestInputs& inputs,
                                                   const std::filesystem::path& out, bool keeps_verdicts);

  LocalRunner& runner() { return *runner_; }
  Status drain(const BacktestInputs& inputs);  ///< writes what was published since the last call
  /// Writes what could not even be read, and closes the files.
  Status close(const BacktestInputs& inputs);

  const Config& config() const { return config_; }
  const std::vector<v1::Alert>& alerts() const { return outputs_.alerts(); }
  const VerdictTrace& verdicts() const { return *verdicts_; }
  void forget_verdicts(Timestamp before) { verdicts_->forget(before); }
  uint64_t unreadable() const { return outputs_.lines(Stream::dead_letter); }
  /// Counts and numbers of lines, as report.json has them.
  nlohmann::json report() const;

 private:
  BacktestRun(Config config, BacktestOutputs outputs) : config_(std::move(config)), outputs_(std::move(outputs)) {}

  Config config_;
  BacktestOutputs outputs_;
  std::shared_ptr<VerdictTrace> verdicts_;
  std::unique_ptr<LocalRunner> runner_;
};

}  // namespace tidewatch
