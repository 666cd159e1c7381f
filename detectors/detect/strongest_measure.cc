#include "detectors/detect/strongest_measure.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {

std::vector<Contribution> contributions_of(double surprise, const Eigen::VectorXd& parts, double statistic) {
  std::vector<Contribution> out;
  if (!(surprise > 0) || !(statistic > 0)) return out;
  for (Eigen::Index i = 0; i < parts.size(); ++i)
    if (parts[i] > 0) out.push_back({static_cast<size_t>(i), surprise * parts[i] / statistic});
  std::stable_sort(out.begin(), out.end(),
                   [](const Contribution& a, const Contribution& b) { return a.bits > b.bits; });
  return out;
}

void describe_strongest(Verdict& verdict, const ScoreVector& seen, const Eigen::VectorXd& parts,
                        const DeviationRun* since, const Window& window) {
  const auto which = seen.known();  // there is nothing to show of another
  const Eigen::Index best = *std::max_element(which.begin(), which.end(),
                                              [&](Eigen::Index a, Eigen::Index b) { return parts[a] < parts[b]; });
  const auto at = static_cast<size_t>(best);
  const Prediction& expected = seen.readings[at]->prediction;
  verdict.observation = at;
  describe(verdict, expected, window.observations[at]);
  if (since == nullptr || since->windows() == 0) return;
  const double level = since->level_with(seen, best) * std::sqrt(expected.total_variance());
  compare(verdict, from_scale(expected.scale, expected.location + level), window.observations[at]);
}

}  // namespace tidewatch
