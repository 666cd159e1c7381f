#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "detectors/detect/series.h"

namespace tidewatch {

/// A window of several measures, each measured against its own baseline.
struct ScoreVector {
  std::vector<std::optional<Reading>> readings;
  Eigen::VectorXd scores;          ///< normal scores; NaN: missing, or its baseline is not known well enough
  Eigen::VectorXd baseline_error;  ///< standard deviation of the part of a score that is the baseline's own error
  bool any = false;                ///< whether there is a score at all

  /// Places of the scores that are there.
  std::vector<Eigen::Index> known() const;
};

/// Series that have learnt fewer than `settled` windows are left out.
ScoreVector read_scores(const BaselineParams& params, const std::vector<Series>& series, const Window& window,
                        double settled);

}  // namespace tidewatch
