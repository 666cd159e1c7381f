#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/testset/test_set.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// What a check, a judge or an ideal answer says of an answer.
struct RunVerdict {
  std::optional<bool> passed;
  std::optional<double> score;  ///< [0, 1]
  std::string why;
};

/// What one item came to.
struct ItemRun {
  std::string id;
  std::string answer;
  std::string error;   ///< code and message; empty: there is an answer
  double seconds = 0;  ///< from being sent to the last byte, waiting for limits included
  double usd = 0;
  std::map<std::string, RunVerdict> verdicts;
};

/// A run of a test set against a model.
struct TestRun {
  std::string set;  ///< name
  uint32_t version = 0;
  std::string digest;
  std::string model;
  std::string url;
  Timestamp at{};
  std::vector<ItemRun> items;  ///< in the order of the set
};

/// JSON lines: first `{"tidewatch_run": 1, ...}`, then an item a line. Errors: `open_failed`, `write_failed`.
Status write_test_run(const TestRun& run, const std::string& path);
/// Errors: `open_failed`, `bad_data` naming file and line.
Result<TestRun> read_test_run(const std::string& path);

}  // namespace tidewatch
