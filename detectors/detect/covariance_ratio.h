#pragma once

#include <Eigen/Core>

namespace tidewatch {

/// Likelihood ratio of "the covariance is another one" against "it is the one that was learnt".
///
/// With U the covariance of the recent windows in coordinates in which what was learnt is the identity, the statistic
/// is N (tr U - log |U| - p) = N sum_k g(u_k), g(u) = u - 1 - log u, over U's eigenvalues u_k (Anderson 2003, 10.8). It
/// is chi-squared with p (p + 1) / 2 degrees of freedom after Bartlett's correction. Because g >= 0, the matrix
/// M = sum_k sign(u_k - 1) sqrt(g(u_k)) e_k e_k' has sum_ij M_ij² = sum_k g(u_k): M_ii² is what the variance of i
/// accounts for, 2 M_ij² what the correlation of i and j does, and these add up to the statistic.
struct CovarianceRatioTest {
  double statistic = 0;  ///< Bartlett's correction included
  double dimension = 0;  ///< degrees of freedom
  Eigen::MatrixXd
      parts;  ///< symmetric: [0, 1], shares of the statistic; (i, j) and (j, i) each hold half of the pair's
};

/// `ratio` is U, symmetric; eigenvalues below 0.02 are taken as that (pairs learnt from different windows may
/// contradict each other). `windows` is N > 0: what U is worth in independent windows of known mean.
CovarianceRatioTest covariance_ratio_test(const Eigen::MatrixXd& ratio, double windows);

}  // namespace tidewatch
