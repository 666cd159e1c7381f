#include "detectors/detect/principal.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

// Smallest eigenvalue believed, relative to the mean one.
constexpr double kLeastEigenvalue = 1e-3;
// Directions are kept whose eigenvalue is at least so large, relative to the mean one. Those of small eigenvalues tell
// most of what is unusual, but only where they are known: faults of the Tennessee Eastman process are found best so.
constexpr double kKeptFrom = 0.3;

}  // namespace

void PrincipalDirections::fit(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  const auto kept = static_cast<Eigen::Index>((values.array() >= kKeptFrom * values.mean()).count());
  directions_ = solver.eigenvectors().rightCols(std::min(kept, values.size() - 1));
}

PrincipalDirections::Filled PrincipalDirections::fill(const Eigen::VectorXd& scores,
                                                      const Eigen::MatrixXd& covariance) {
  std::vector<Eigen::Index> seen;
  std::vector<Eigen::Index> missing;
  for (Eigen::Index i = 0; i < scores.size(); ++i) (std::isnan(scores[i]) ? missing : seen).push_back(i);
  if (missing.empty()) return {scores, covariance};
  Filled out{Eigen::VectorXd::Zero(scores.size()), Eigen::MatrixXd::Zero(scores.size(), scores.size())};
  if (seen.empty()) return out;
  const Eigen::MatrixXd among = covariance(seen, seen);
  const Eigen::MatrixXd across = covariance(missing, seen);
  const Eigen::MatrixXd regression = among.ldlt().solve(across.transpose()).transpose();
  Eigen::MatrixXd from_seen = Eigen::MatrixXd::Zero(scores.size(), static_cast<Eigen::Index>(seen.size()));
  for (size_t i = 0; i < seen.size(); ++i) from_seen(seen[i], static_cast<Eigen::Index>(i)) = 1;
  for (size_t i = 0; i < missing.size(); ++i) from_seen.row(missing[i]) = regression.row(static_cast<Eigen::Index>(i));
  out.scores = from_seen * scores(seen);
  out.covariance = from_seen * among * from_seen.transpose();
  return out;
}

ScaledStatistic PrincipalDirections::within(const Filled& filled) const {
  ScaledStatistic out;
  out.parts = Eigen::VectorXd::Zero(filled.scores.size());
  if (count() == 0) return out;
  const Eigen::MatrixXd among = directions_.transpose() * filled.covariance * directions_;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(among);
  // Directions of which nothing was seen are no part of it.
  const double least = std::max(among.trace() / static_cast<double>(count()) * kLeastEigenvalue, 1e-9);
  Eigen::VectorXd inverse_roots = Eigen::VectorXd::Zero(count());
  for (Eigen::Index i = 0; i < count(); ++i)
    if (solver.eigenvalues()[i] > least) {
      inverse_roots[i] = 1 / std::sqrt(solver.eigenvalues()[i]);
      out.freedom += 1;
    }
  if (!(out.freedom > 0)) return out;
  const Eigen::VectorXd projected = solver.eigenvectors().transpose() * (directions_.transpose() * filled.scores);
  const Eigen::VectorXd whitened = directions_ * (solver.eigenvectors() * inverse_roots.cwiseProduct(projected));
  out.parts = whitened.cwiseAbs2() / out.freedom;
  out.statistic = out.parts.sum();
  return out;
}

ScaledStatistic PrincipalDirections::residual(const Filled& filled) const {
  ScaledStatistic out;
  const auto leave = [&](const Eigen::MatrixXd& of) -> Eigen::MatrixXd {
    return of - directions_ * (directions_.transpose() * of);
  };
  const Eigen::MatrixXd left = leave(filled.covariance).transpose();
  const Eigen::MatrixXd covariance = leave(left);
  const double sum = covariance.trace();            // theta 1 of Jackson & Mudholkar: sum of the eigenvalues
  const double squares = covariance.squaredNorm();  // theta 2: of their squares
  out.parts = Eigen::VectorXd::Zero(filled.scores.size());
  if (!(sum > 1e-9) || !(squares > 0)) return out;
  out.freedom = sum * sum / squares;
  out.parts = leave(filled.scores).cwiseAbs2() / sum;
  out.statistic = out.parts.sum();
  return out;
}

void PrincipalDirections::save(ByteWriter& out) const {
  out.put(static_cast<uint32_t>(directions_.cols()));
  for (Eigen::Index j = 0; j < directions_.cols(); ++j)
    for (Eigen::Index i = 0; i < directions_.rows(); ++i) out.put(directions_(i, j));
}

bool PrincipalDirections::load(ByteReader& in) {
  const auto count = in.get<uint32_t>();
  if (!in.ok() || static_cast<Eigen::Index>(count) > directions_.rows()) return false;
  directions_.resize(directions_.rows(), static_cast<Eigen::Index>(count));
  for (Eigen::Index j = 0; j < directions_.cols(); ++j)
    for (Eigen::Index i = 0; i < directions_.rows(); ++i) directions_(i, j) = in.get<double>();
  return in.ok() && directions_.allFinite() && (directions_.size() == 0 || directions_.cwiseAbs().maxCoeff() <= 1.001);
}

}  // namespace tidewatch
