#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/testset/test_run.h"
#include "detectors/estimate/paired_comparison.h"

namespace tidewatch {

/// One verdict in two runs of the same items.
struct ComparedVerdict {
  std::string name;
  bool is_rate = true;  ///< share that passed; else the mean of a score
  uint64_t items = 0;   ///< judged in both runs
  PairedDifference found;
  double adjusted_p = 1;  ///< Holm's, over all verdicts that were compared

  bool is_different() const { return adjusted_p < 0.05; }
  bool is_worse() const { return is_different() && found.difference < 0; }
};

struct ComparedRuns {
  std::vector<ComparedVerdict> verdicts;
  uint64_t shared = 0;       ///< items of both
  uint64_t only_before = 0;  ///< items that are not in this run, or had no answer in it
  uint64_t only_now = 0;
};

/// Compares item by item, so that what makes some items harder than others does not count: validators by the share
/// that passed, what has no verdict by its score. Verdicts that were judged in both runs for fewer than two items are
/// left out. The chance of a difference being called where none of them differs is at most 5 % (Holm, Scand. J. Stat.
/// 6, 1979).
ComparedRuns compare_runs(const TestRun& before, const TestRun& now);

}  // namespace tidewatch
