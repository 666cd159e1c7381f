#pragma once

#include <Eigen/Core>

#include "detectors/core/bytes.h"
#include "detectors/detect/triangle.h"

namespace tidewatch {

/// Covariance of standardised scores, learnt one window at a time with exponential forgetting, and shrunk towards
/// independence (after Ledoit & Wolf 2004: the less is known of the correlations against how large they are, the more).
/// The mean is known to be 0. Each pair counts the windows that showed both; a window may miss any measure.
/// Variances below 1 are taken as 1: scores of small counts vary less, and their steps must not look rare.
class Correlation {
 public:
  explicit Correlation(Eigen::Index size);

  /// Entries of `scores` that are NaN are missing. `weight` in [0, 1].
  void learn(const Eigen::VectorXd& scores, double weight, double half_life);

  /// Positive definite; the identity before anything is learnt.
  Eigen::MatrixXd covariance() const;
  /// Independent windows that the estimate is worth (of the pair that is known least), the prior included.
  double effective_windows() const;
  double shrinkage() const;  ///< [0, 1]: 1 is independence

  /// As it was seen: mean product of the bounded scores, neither shrunk nor drawn to a prior.
  double product(Eigen::Index i, Eigen::Index j) const { return products_.at(i, j); }
  /// Independent windows behind product().
  double windows(Eigen::Index i, Eigen::Index j) const;
  /// What a single score counts at most, in standard deviations.
  static constexpr double kBound = 3;

  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when what was read is no covariance of this size

 private:
  double variance(Eigen::Index i) const;                     ///< drawn towards 1
  double correlation(Eigen::Index i, Eigen::Index j) const;  ///< drawn towards 0
  Triangle products_;                                        ///< mean of z_i z_j
  Triangle weights_;                                         ///< windows behind it
  Triangle squares_;                                         ///< sum of squared weights
};

}  // namespace tidewatch
