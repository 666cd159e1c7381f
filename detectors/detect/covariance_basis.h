#pragma once

#include <Eigen/Core>
#include <vector>

#include "detectors/detect/correlation.h"
#include "detectors/detect/triangle.h"

namespace tidewatch {

/// Function of a symmetric matrix, by its eigenvalues; those below a share of their mean count as that share.
Eigen::MatrixXd map_eigenvalues(const Eigen::MatrixXd& symmetric, double (*function)(double));

/// Coordinates of some measures in which their learnt covariance is the identity: the symmetric root, so that each is
/// as close as possible to its own measure.
class CovarianceBasis {
 public:
  using Index = Eigen::Index;
  /// How far a covariance and what is compared with it are drawn towards independence: two measures that are one have
  /// an inverse. More, as where correlations are small (correlation.h), would hide that they become large.
  static constexpr double kShrinkage = 0.02;

  /// Of the measures `which`, ascending, of those that `learnt` knows.
  CovarianceBasis(const Correlation& learnt, std::vector<Index> which);

  const std::vector<Index>& which() const { return which_; }
  const Eigen::MatrixXd& covariance() const { return covariance_; }  ///< learnt, shrunk
  const Eigen::MatrixXd& inverse_root() const { return inverse_root_; }

  /// What one window says of the covariance, which is what is expected of it when nothing changed.
  struct Said {
    Eigen::MatrixXd products;
    double share = 0;  ///< of the pairs that were seen; 0: nothing is said
  };
  /// Products of a window's differences (of all measures; NaN: missing), shrunk as the covariance is and bounded; of
  /// those that are missing, what the others let expect.
  Said said_by(const Eigen::VectorXd& difference) const;

  /// What differs from the learnt covariance by `further`, in these coordinates.
  Eigen::MatrixXd ratio(const Eigen::MatrixXd& further) const;
  /// Entries of a triangle of all measures that belong to these.
  Eigen::MatrixXd of(const Triangle& all) const;

 private:
  std::vector<Index> which_;
  Eigen::MatrixXd covariance_;
  Eigen::MatrixXd inverse_root_;
};

}  // namespace tidewatch
