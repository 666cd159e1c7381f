#include "detectors/detect/covariance_basis.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

namespace tidewatch {
namespace {

// Identity that a covariance is drawn to, in windows: only so that the first ones have an inverse.
constexpr double kPriorWindows = 1;
// Squared length of a window in the learnt coordinates that counts at most: so many standard deviations above its mean.
constexpr double kBoundedFrom = 6;
// Smallest eigenvalue believed, relative to the mean one.
constexpr double kLeastEigenvalue = 0.02;

using Matrix = Eigen::MatrixXd;

size_t at(Eigen::Index i) { return static_cast<size_t>(i); }

/// What shrinkage leaves of an entry.
double share_left(Eigen::Index i, Eigen::Index j) { return i == j ? 1 : 1 - CovarianceBasis::kShrinkage; }

}  // namespace

Matrix map_eigenvalues(const Matrix& symmetric, double (*function)(double)) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric);
  const double least = std::max(symmetric.trace() / static_cast<double>(symmetric.rows()) * kLeastEigenvalue, 1e-12);
  const Eigen::VectorXd mapped = solver.eigenvalues().cwiseMax(least).unaryExpr(function);
  return solver.eigenvectors() * mapped.asDiagonal() * solver.eigenvectors().transpose();
}

CovarianceBasis::CovarianceBasis(const Correlation& learnt, std::vector<Index> which) : which_(std::move(which)) {
  const auto size = static_cast<Index>(which_.size());
  covariance_.resize(size, size);
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j < size; ++j) {
      const double n = learnt.windows(which_[at(i)], which_[at(j)]);
      covariance_(i, j) = (n * learnt.product(which_[at(i)], which_[at(j)]) + (i == j ? kPriorWindows : 0)) /
                          (n + kPriorWindows) * share_left(i, j);
    }
  if (size > 0) inverse_root_ = map_eigenvalues(covariance_, [](double value) { return 1 / std::sqrt(value); });
}

CovarianceBasis::Said CovarianceBasis::said_by(const Eigen::VectorXd& difference) const {
  std::vector<Index> seen;
  std::vector<Index> missing;
  for (Index i = 0; i < covariance_.rows(); ++i) (std::isnan(difference[which_[at(i)]]) ? missing : seen).push_back(i);
  Said out;
  if (seen.empty()) return out;
  const auto count = static_cast<double>(seen.size());
  out.share = count * (count + 1) / static_cast<double>(which_.size() * (which_.size() + 1));
  Eigen::VectorXd d(seen.size());
  for (size_t i = 0; i < seen.size(); ++i) d[static_cast<Index>(i)] = difference[which_[at(seen[i])]];
  const Matrix among = covariance_(seen, seen);
  const Matrix precision = map_eigenvalues(among, [](double value) { return 1 / value; });
  const double most = count + kBoundedFrom * std::sqrt(2 * count);
  Matrix products = d * d.transpose() * std::min(1.0, most / std::max(d.dot(precision * d), 1e-12));
  for (Index i = 0; i < products.rows(); ++i)
    for (Index j = 0; j < products.cols(); ++j) products(i, j) *= share_left(i, j);
  if (missing.empty()) {
    out.products = std::move(products);
    return out;
  }
  const Matrix across = covariance_(missing, seen);
  const Matrix regression = across * precision;
  out.products.resize(covariance_.rows(), covariance_.cols());
  out.products(seen, seen) = products;
  out.products(missing, seen) = regression * products;
  out.products(seen, missing) = (regression * products).transpose();
  out.products(missing, missing) =
      regression * products * regression.transpose() + covariance_(missing, missing) - regression * across.transpose();
  return out;
}

Matrix CovarianceBasis::ratio(const Matrix& further) const {
  return Matrix::Identity(further.rows(), further.cols()) + inverse_root_ * further * inverse_root_;
}

Matrix CovarianceBasis::of(const Triangle& all) const {
  Matrix out(covariance_.rows(), covariance_.cols());
  for (Index i = 0; i < out.rows(); ++i)
    for (Index j = 0; j < out.cols(); ++j) out(i, j) = all.at(which_[at(i)], which_[at(j)]);
  return out;
}

}  // namespace tidewatch
