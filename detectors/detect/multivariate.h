#pragma once

#include <Eigen/Core>
#include <tuple>
#include <vector>

#include "detectors/detect/correlation.h"
#include "detectors/detect/deviation_run.h"
#include "detectors/detect/quadratic.h"
#include "detectors/detect/score_vector.h"

namespace tidewatch {

struct MultivariateParams : BaselineParams {
  double smoothing = 0.06;             ///< (0, 1]: MEWMA's lambda
  double covariance_half_life = 2016;  ///< windows

  static constexpr auto table() {
    return std::tuple_cat(
        BaselineParams::table(),
        params(field("smoothing", &MultivariateParams::smoothing, range(0.01, 1),
                     "weight of the newest window in the moving average: the smaller, the smaller the change that is "
                     "found, and the later"),
               field("covariance_half_life", &MultivariateParams::covariance_half_life, range(32, 1e6),
                     "windows until what was learnt of how measures vary together counts half", "windows")));
  }
};

/// Several measures that deviate together, each perhaps too little to be seen alone: latency and error rate both
/// slightly up.
///
/// Each observation has its own seasonal baseline; its predictive tail as a normal score is its standardised residual,
/// whatever its kind. Two statistics over the scores z: Hotelling's T² of this window, and the same of their
/// exponentially weighted mean (MEWMA; Lowry, Woodall, Champ & Rigdon 1992) with its exact covariance from the first
/// window on, the error of the baselines included. The more surprising one counts and costs one bit for the choice.
/// MEWMA is also divided by how much it varied more than that while nothing happened (serial correlation).
///
/// `worse` of the Context makes measures one-sided (quadratic.h). Measures missing in a window are marginalised: T² is
/// that of the others, MEWMA keeps what it knew of them for three times its memory. Memory grows with the square of
/// the number of measures.
class Multivariate final : public Detector {
 public:
  using Params = MultivariateParams;
  static constexpr bool kIsMultivariate = true;
  Multivariate(const Params& params, size_t observations);

  /// `observation`, value and expected are those of the measure that contributes most; when the moving average is what
  /// surprises, value is the level since the change.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  /// Two measures (or the only one) have learnt enough; the others are left out until they have.
  bool warm() const override;
  size_t memory_bytes() const override;
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  using Index = Eigen::Index;
  /// The moving average of the scores. `weights(i, j)` is the sum over windows of the products of the weights with
  /// which i and j entered: times their covariance, that of the average.
  struct Average {
    explicit Average(Index size);
    void take(const ScoreVector& seen, double smoothing);
    void forget(Index i);
    Eigen::VectorXd mean;
    Eigen::VectorXd baseline_error;  ///< standard deviation, were the baselines' error the same in all windows
    Triangle weights;
    std::vector<uint32_t> missing;  ///< windows in a row
  };
  QuadraticTest test_window(const ScoreVector& seen, std::span<const Direction> worse) const;
  QuadraticTest test_average(const Average& average, std::span<const Direction> worse) const;
  /// Variance of the average against that of independent scores.
  double inflation(const Average& average) const;
  void follow_run(const ScoreVector& seen);

  Params params_;
  std::vector<Series> series_;
  Correlation correlation_;
  Average average_;
  DeviationRun run_;
  double excess_ = 0;         ///< sum over windows of MEWMA's T² by dimension
  double excess_weight_ = 0;  ///< windows
};

}  // namespace tidewatch
