#pragma once

#include <Eigen/Core>
#include <vector>

#include "detectors/core/verdict.h"
#include "detectors/detect/deviation_run.h"
#include "detectors/detect/score_vector.h"

namespace tidewatch {

/// `surprise` shared out by each measure's positive part of `statistic`, the largest first; nothing where there is
/// nothing to share.
std::vector<Contribution> contributions_of(double surprise, const Eigen::VectorXd& parts, double statistic);

/// Fills value, expected, effects and direction of a verdict on several measures: those of the seen one with the
/// largest part. Where `since` is given and has begun, value is the level since then, else that of the window. Pre:
/// seen.any.
void describe_strongest(Verdict& verdict, const ScoreVector& seen, const Eigen::VectorXd& parts,
                        const DeviationRun* since, const Window& window);

}  // namespace tidewatch
