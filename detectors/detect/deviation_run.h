#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "detectors/core/bytes.h"
#include "detectors/detect/score_vector.h"

namespace tidewatch {

/// The windows since a moving average of scores left its usual range: where they are, and whether it is over. An
/// average fades for hours after a change has ended; this tells at once.
class DeviationRun {
 public:
  explicit DeviationRun(Eigen::Index size) : sums_(Eigen::VectorXd::Zero(size)), counts_(Eigen::VectorXd::Zero(size)) {}

  void add(const ScoreVector& seen);
  /// Weighs "back to 0" against "still where the run was" by the likelihoods of what is seen, window by window. True
  /// when the odds are e^7.
  bool has_returned(const ScoreVector& seen, const Eigen::MatrixXd& covariance);

  uint32_t windows() const { return windows_; }
  /// Mean score of one measure in the run, this window included. Pre: it was seen.
  double level_with(const ScoreVector& seen, Eigen::Index i) const;

  size_t memory_bytes() const {
    return sizeof(DeviationRun) + static_cast<size_t>(sums_.size() + counts_.size()) * sizeof(double);
  }
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

  /// What a single window counts at most, in standard deviations.
  static constexpr double kBound = 4;

 private:
  uint32_t windows_ = 0;
  Eigen::VectorXd sums_;
  Eigen::VectorXd counts_;
  double evidence_of_return_ = 0;  ///< nats
};

}  // namespace tidewatch
