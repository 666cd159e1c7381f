#pragma once

#include "detectors/decide/rollout/arm_groups.h"

namespace tidewatch {

/// Whether the treatment arm gets the share of requests that it shall have (Lindon & Malek, NeurIPS 2022, ask it
/// sequentially; Fabijan et al., KDD 2019, on what a mismatch means: results that cannot be trusted). The variance is
/// between random groups, as users bring many requests. Returns the logarithm of the e-value against the plan; 0 while
/// there are too few groups to tell.
double log_sample_ratio_evidence(const ArmPair& requests, double share);

/// Below this probability a mismatch is reported; it would be a bug of the routing, so little is let pass.
inline constexpr double kSampleRatioAlpha = 0.001;

}  // namespace tidewatch
