#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "app/backtest/inputs.h"
#include "detectors/core/result.h"
#include "stream/runtime/local_runner.h"
#include "tidewatch/v1/alert.pb.h"

namespace tidewatch {

/// The files of a backtest: what the stages publish, as JSON lines: alerts, quality-scores, rollouts, changes and
/// dead-letter. Pre: the flow writes JSON.
class BacktestOutputs {
 public:
  /// Makes the folder and empties the files. Errors: `write_failed`.
  static Result<BacktestOutputs> open(const std::filesystem::path& folder);

  /// Moves what the runner's output streams hold into the files; `inputs` names the files behind dead letters.
  Status drain(LocalRunner& runner, const BacktestInputs& inputs);
  /// What could not even be read as a message.
  Status write_unreadable(const std::vector<Error>& errors);
  Status close();

  const std::vector<v1::Alert>& alerts() const { return alerts_; }
  uint64_t lines(Stream stream) const;

 private:
  Status write(Stream stream, const std::string& line);

  std::filesystem::path folder_;
  std::map<Stream, std::ofstream> files_;
  std::map<Stream, uint64_t> lines_;
  std::vector<v1::Alert> alerts_;
};

}  // namespace tidewatch
