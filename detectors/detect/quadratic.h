#pragma once

#include <Eigen/Core>
#include <span>

#include "detectors/core/verdict.h"

namespace tidewatch {

/// A vector measured against a covariance, one-sided where asked.
///
/// With V = covariance, w = V^(-1/2) x (the symmetric root) has uncorrelated parts of variance 1, each as close to its
/// own x_i as possible, and T² = x' V^-1 x is the sum of their squares (Garthwaite & Koch, "Evaluating the
/// contributions of individual variables to a quadratic form", 2016). A measure with a bad side counts only when its
/// w_i lies there; because w is spherical when nothing changed, half of the orthants is exactly what that leaves, for
/// any correlations: P(T > t) = sum_k C(g, k) 2^-g P(chi²_(a + k) > t) with g one-sided and a two-sided measures. The
/// chi-squares become F distributions for the `windows` from which the covariance was estimated (Hotelling).
struct QuadraticTest {
  double statistic = 0;   ///< sum of the parts that count
  double p_value = 1;     ///< P(statistic this large or larger) when nothing changed
  Eigen::VectorXd parts;  ///< by element of x, >= 0, summing to `statistic`
};

/// `worse` by element: either, or the side that counts. Empty vectors have p-value 1.
QuadraticTest quadratic_test(const Eigen::VectorXd& x, const Eigen::MatrixXd& covariance,
                             std::span<const Direction> worse, double windows);

}  // namespace tidewatch
