#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/backtest/inputs.h"
#include "app/config/config.h"
#include "stream/evaluate/sample_book.h"
#include "stream/evaluate/trace_texts.h"

namespace tidewatch {

/// A request that was chosen, and what was said in it.
struct SampledRequest {
  std::vector<ChosenRequest> as;       ///< in the sample, outside of it, or both
  std::optional<AnsweredTexts> texts;  ///< absent: no answer was recorded
};

struct SampleCounts {
  uint64_t requests = 0;
  uint64_t chosen = 0;         ///< in the sample
  uint64_t reported_late = 0;  ///< looked at outside of it
  uint64_t over_budget = 0;
  uint64_t unreadable = 0;  ///< lines and parts of messages that were left out
};

struct Sample {
  std::vector<SampledRequest> requests;  ///< by time
  std::map<std::string, std::optional<AnsweredTexts>>
      besides;  ///< texts of other traces that were asked for, by raw id
  SampleCounts counts;
};

/// Chooses requests of files as `sampling` of the config says, as `tidewatch run` does of the same traffic, and reads
/// their texts. Reads the files twice: once to choose, once for the texts of what was chosen, so that memory does not
/// grow with them. `besides`: raw ids of traces whose texts are wanted, too.
/// Errors: `open_failed`, `bad_data` (no request), those of make_flow().
Result<Sample> read_sample(const Config& config, const BacktestFiles& files, const std::set<std::string>& besides,
                           const std::function<void(double)>& on_progress);

}  // namespace tidewatch
