#include "detectors/detect/quadratic.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

// Smallest eigenvalue believed, relative to the mean one: correlations learnt from different windows may contradict
// each other.
constexpr double kLeastEigenvalue = 0.02;

double upper_tail(double statistic, double freedom, double dimension, double windows) {
  if (!(freedom > 0)) return statistic > 0 ? 0.0 : 1.0;
  const double denominator = windows - dimension + 1;
  if (!(denominator > 1)) return 1.0;
  return fisher_upper(statistic * denominator / (windows * freedom), freedom, denominator);
}

}  // namespace

QuadraticTest quadratic_test(const Eigen::VectorXd& x, const Eigen::MatrixXd& covariance,
                             std::span<const Direction> worse, double windows) {
  QuadraticTest out;
  const Eigen::Index size = x.size();
  out.parts = Eigen::VectorXd::Zero(size);
  if (size == 0) return out;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double floor = std::max(covariance.trace() / static_cast<double>(size) * kLeastEigenvalue, 1e-12);
  const Eigen::VectorXd roots = solver.eigenvalues().cwiseMax(floor).cwiseSqrt();
  const Eigen::VectorXd w = solver.eigenvectors() * (solver.eigenvectors().transpose() * x).cwiseQuotient(roots);
  double one_sided = 0;
  for (Eigen::Index i = 0; i < size; ++i) {
    const Direction side = worse[static_cast<size_t>(i)];
    one_sided += side == Direction::either ? 0 : 1;
    if (side == Direction::either || (side == Direction::up) == (w[i] > 0)) out.parts[i] = w[i] * w[i];
  }
  out.statistic = out.parts.sum();
  const auto dimension = static_cast<double>(size);
  double orthants = std::exp2(-one_sided);  // C(g, k) 2^-g, from k = 0
  out.p_value = 0;
  for (double k = 0; k <= one_sided; k += 1) {
    out.p_value += orthants * upper_tail(out.statistic, dimension - one_sided + k, dimension, windows);
    orthants *= (one_sided - k) / (k + 1);
  }
  out.p_value = std::clamp(out.p_value, 0.0, 1.0);
  return out;
}

}  // namespace tidewatch
