#include "detectors/decide/rollout/sample_ratio.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/decide/rollout/normal_mixture.h"

namespace tidewatch {
namespace {

constexpr size_t kLeastGroups = 16;
constexpr double kLeastRequests = 200;
/// Of the smaller share: a mismatch as large as is soonest found.
constexpr double kUsualMismatch = 0.2;

}  // namespace

double log_sample_ratio_evidence(const ArmPair& requests, double share) {
  const double treatment = requests[1].all().weight;
  const double all = treatment + requests[0].all().weight;
  if (all < kLeastRequests) return 0;
  const double difference = treatment / all - share;
  size_t groups = 0;
  double squares = 0;
  for (size_t group = 0; group < kRandomGroups; ++group) {
    const double in_group = requests[0][group].weight + requests[1][group].weight;
    if (in_group <= 0) continue;
    ++groups;
    const double residual = requests[1][group].weight - (difference + share) * in_group;
    squares += residual * residual;
  }
  if (groups < kLeastGroups) return 0;
  const auto count = static_cast<double>(groups);
  const double between = squares * count / (count - 1) / (all * all);
  const double variance = std::max(between, share * (1 - share) / all);
  const double prior = std::pow(kUsualMismatch * std::min(share, 1 - share), 2);
  const double above = log_evidence(difference, variance, prior);
  const double below = log_evidence(-difference, variance, prior);
  // Half of the probability for each side.
  return std::max(above, below) - std::numbers::ln2;
}

}  // namespace tidewatch
