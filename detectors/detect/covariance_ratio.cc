#include "detectors/detect/covariance_ratio.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kLeastEigenvalue = 0.02;
// Where windows are hardly more than measures the series of the correction is no longer one.
constexpr double kLeastCorrection = 0.3;

}  // namespace

CovarianceRatioTest covariance_ratio_test(const Eigen::MatrixXd& ratio, double windows) {
  CovarianceRatioTest out;
  const auto size = static_cast<double>(ratio.rows());
  out.parts = Eigen::MatrixXd::Zero(ratio.rows(), ratio.cols());
  out.dimension = size * (size + 1) / 2;
  if (ratio.rows() == 0) return out;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(ratio);
  const Eigen::VectorXd roots = solver.eigenvalues().unaryExpr([](double eigenvalue) {
    const double u = std::max(eigenvalue, kLeastEigenvalue);
    return std::copysign(std::sqrt(std::max(0.0, u - 1 - std::log(u))), u - 1);
  });
  const Eigen::MatrixXd root = solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
  const double total = roots.squaredNorm();
  if (total > 0) out.parts = root.cwiseAbs2() / total;
  const double correction = 1 - (2 * size * size + 3 * size - 1) / (6 * windows * (size + 1));
  out.statistic = total * windows * std::max(correction, kLeastCorrection);
  return out;
}

}  // namespace tidewatch
