#include "detectors/detect/score_vector.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tidewatch {

std::vector<Eigen::Index> ScoreVector::known() const {
  std::vector<Eigen::Index> out;
  for (Eigen::Index i = 0; i < scores.size(); ++i)
    if (!std::isnan(scores[i])) out.push_back(i);
  return out;
}

ScoreVector read_scores(const BaselineParams& params, const std::vector<Series>& series, const Window& window,
                        double settled) {
  const auto size = static_cast<Eigen::Index>(series.size());
  ScoreVector out;
  out.readings.resize(series.size());
  out.scores = Eigen::VectorXd::Constant(size, std::numeric_limits<double>::quiet_NaN());
  out.baseline_error = Eigen::VectorXd::Zero(size);
  for (size_t i = 0; i < std::min(series.size(), window.observations.size()); ++i) {
    if (series[i].baseline().windows() < settled) continue;
    out.readings[i] = series[i].read(params, window.observations[i], window.season);
    if (!out.readings[i]) continue;
    const Prediction& expected = out.readings[i]->prediction;
    const auto at = static_cast<Eigen::Index>(i);
    out.scores[at] = out.readings[i]->score;
    out.baseline_error[at] = std::sqrt(expected.level_variance / expected.total_variance());
    out.any = true;
  }
  return out;
}

}  // namespace tidewatch
