#include "detectors/detect/deviation_run.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kReturnNats = 7;

double bounded(double score) { return std::clamp(score, -DeviationRun::kBound, DeviationRun::kBound); }

}  // namespace

void DeviationRun::add(const ScoreVector& seen) {
  windows_ += 1;
  for (const Eigen::Index i : seen.known()) {
    sums_[i] += bounded(seen.scores[i]);
    counts_[i] += 1;
  }
}

bool DeviationRun::has_returned(const ScoreVector& seen, const Eigen::MatrixXd& covariance) {
  const auto which = seen.known();
  const Eigen::VectorXd level = sums_.cwiseQuotient(counts_.cwiseMax(1))(which);
  const Eigen::MatrixXd among = covariance(which, which);
  const Eigen::VectorXd weighted = among.ldlt().solve(level);
  const Eigen::VectorXd now = seen.scores(which).unaryExpr(&bounded);
  evidence_of_return_ = std::max(0.0, evidence_of_return_ + weighted.dot(0.5 * level - now));
  return evidence_of_return_ > kReturnNats;
}

double DeviationRun::level_with(const ScoreVector& seen, Eigen::Index i) const {
  return (sums_[i] + bounded(seen.scores[i])) / (counts_[i] + 1);
}

void DeviationRun::save(ByteWriter& out) const {
  for (const Eigen::VectorXd* values : {&sums_, &counts_})
    for (const double value : *values) out.put(value);
  out.put(windows_);
  out.put(evidence_of_return_);
}

bool DeviationRun::load(ByteReader& in) {
  for (Eigen::VectorXd* values : {&sums_, &counts_})
    for (double& value : *values) value = in.get<double>();
  windows_ = in.get<uint32_t>();
  evidence_of_return_ = in.get<double>();
  return in.ok() && sums_.allFinite() && counts_.allFinite() && counts_.minCoeff() >= 0 &&
         std::isfinite(evidence_of_return_) && evidence_of_return_ >= 0;
}

}  // namespace tidewatch
