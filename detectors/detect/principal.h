#pragma once

#include <Eigen/Core>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/detect/correlation.h"

namespace tidewatch {

/// A statistic of a window and what it is when nothing happens.
struct ScaledStatistic {
  double statistic = 0;   ///< divided by its mean when nothing happens
  double freedom = 0;     ///< of the chi-squared that it is like, times 1 / freedom; 0: there is no such statistic
  Eigen::VectorXd parts;  ///< by measure, >= 0, summing to `statistic`
};

/// Directions in which scores of many measures vary together, and what is left when these are taken away (Jackson
/// 1991).
///
/// Eigenvectors of the learnt covariance whose eigenvalues are larger than those of pure noise could be from so many
/// windows: (1 + sqrt(measures / windows))² times their mean (Marchenko & Pastur 1967), at most half of them.
class PrincipalDirections {
 public:
  explicit PrincipalDirections(Eigen::Index measures) : directions_(measures, 0) {}

  void fit(const Eigen::MatrixXd& covariance, double windows);
  Eigen::Index count() const { return directions_.cols(); }

  /// Scores with those missing (NaN) replaced by what the others let expect, and the covariance of the result.
  struct Filled {
    Eigen::VectorXd scores;
    Eigen::MatrixXd covariance;
  };
  static Filled fill(const Eigen::VectorXd& scores, const Eigen::MatrixXd& covariance);

  /// T² within the directions: w = V^(-1/2) of the projection has T² as the sum of its squares.
  ScaledStatistic within(const Filled& filled) const;
  /// Q, the squared prediction error (spectral residual): what the directions leave. A sum of chi-squareds with the
  /// eigenvalues of its covariance as weights, taken as one with the same two moments (Box 1954; Jackson & Mudholkar
  /// 1979).
  ScaledStatistic residual(const Filled& filled) const;

  size_t memory_bytes() const {
    return sizeof(PrincipalDirections) + static_cast<size_t>(directions_.size()) * sizeof(double);
  }
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  Eigen::MatrixXd directions_;  ///< measures x count, orthonormal
};

}  // namespace tidewatch
