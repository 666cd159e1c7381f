#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/series/series_watch.h"

namespace tidewatch {

/// What became of a file of series.
struct SeriesReport {
  uint64_t rows = 0;       ///< scored and written
  uint64_t bad_rows = 0;   ///< left out
  uint64_t backwards = 0;  ///< rows earlier than the one before them; taken in the file's order
  uint64_t judged = 0;     ///< rows after the warm-up, with data
};

struct SeriesFiles {
  std::string input;   ///< `-`: standard input
  std::string output;  ///< `-`: standard output
};

/// Reads the input, judges row by row and writes `timestamp,anomaly_score,surprise,expected,effect` with the times as
/// they were written; a row goes out before the next is waited for. `expected` and `effect` are empty where there is
/// nothing to compare. `complain` gets what was wrong with a row that is left out; `progress`, now and then, the share
/// read. Errors of the watch: see SeriesWatch::make(). Of the files: `open_failed`, `bad_archive`, `read_failed`,
/// `truncated`, `too_long`, `write_failed`; `bad_data` when no row can be read.
Result<SeriesReport> run_series(const SeriesFiles& files, const SeriesWatchOptions& options,
                                const std::function<void(const std::string&)>& complain,
                                const std::function<void(double)>& progress);

}  // namespace tidewatch
