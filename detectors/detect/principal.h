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
/// Kept are eigenvectors of the learnt covariance whose eigenvalues are at least 0.3 of the mean one (lower than the
/// 0.7 of Jolliffe 1972); at least one is left.
class PrincipalDirections {
 public:
  explicit PrincipalDirections(Eigen::Index measures) : directions_(measures, 0) {}

  void fit(const Eigen::MatrixXd& covariance);
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
