#pragma once

#include <Eigen/Core>
#include <array>
#include <tuple>
#include <vector>

#include "detectors/detect/correlation.h"
#include "detectors/detect/deviation_run.h"
#include "detectors/detect/principal.h"
#include "detectors/detect/score_vector.h"

namespace tidewatch {

struct SubspaceParams : BaselineParams {
  SubspaceParams() { warm_up = 288; }  // many covariances take longer to know than a level
  double smoothing = 0.06;             ///< (0, 1]
  double covariance_half_life = 2016;  ///< windows

  static constexpr auto table() {
    return std::tuple_cat(
        BaselineParams::table(),
        params(field("smoothing", &SubspaceParams::smoothing, range(0.01, 1),
                     "weight of the newest window in the moving average: the smaller, the smaller the change that is "
                     "found, and the later"),
               field("covariance_half_life", &SubspaceParams::covariance_half_life, range(288, 1e6),
                     "windows until what was learnt of how measures vary together counts half", "windows")));
  }
};

/// Ten to sixty measures of one thing: the few directions in which they vary together are learnt (principal.h), and
/// what is looked at is what these leave (spectral residual, Q) and how far out a window lies within them (T²).
///
/// Each observation's seasonal baseline gives a score (as in `multivariate`). Both statistics are those of the window
/// and of the exponentially weighted mean of the scores; the most surprising of the four counts and costs two bits for
/// the choice. Each has the mean and the variance that it had while nothing happened (Nomikos & MacGregor 1995), drawn
/// to those that theory gives: serial correlation, and directions that were fitted to the past, change both. Directions
/// are fitted anew every two dozen windows.
///
/// Missing measures are given what the others let expect (conditional expectation), and the law of the statistic is
/// that of such vectors. Memory grows with the square of the number of measures.
class Subspace final : public Detector {
 public:
  using Params = SubspaceParams;
  static constexpr bool kIsMultivariate = true;
  Subspace(const Params& params, size_t observations);

  /// `observation`, value and expected are those of the measure that contributes most; when the moving average is what
  /// surprises, value is the level since the change. Context::worse means nothing here; Context::direction is asked of
  /// that measure.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override { return windows_ >= params_.warm_up; }
  size_t memory_bytes() const override;
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  using Index = Eigen::Index;
  static constexpr size_t kStatistics = 4;  ///< T² and Q of the window, then of the average
  /// The moving average of the scores, those missing as expected.
  struct Average {
    explicit Average(Index size) : mean(Eigen::VectorXd::Zero(size)) {}
    Eigen::VectorXd mean;
    double squares = 0;  ///< sum of the squared weights of its windows
    void take(const Eigen::VectorXd& scores, double smoothing);
  };
  struct Tests {
    std::array<ScaledStatistic, kStatistics> statistics;
    std::array<double, kStatistics> p_values{1, 1, 1, 1};
    size_t strongest() const;
  };
  Tests test(const PrincipalDirections::Filled& filled, const Average& average, const ScoreVector& seen) const;
  /// What a statistic is while nothing happens: theory, and more and more what was seen.
  struct Usual {
    double mean = 1;
    double freedom = 1;  ///< of the chi-squared with this mean and variance
  };
  Usual usual(size_t which, double freedom, double baseline_error) const;
  double known_windows() const;
  void follow_run(const ScoreVector& seen, const PrincipalDirections::Filled& filled);

  Params params_;
  std::vector<Series> series_;
  Correlation correlation_;
  PrincipalDirections directions_;
  Average average_;
  DeviationRun run_;
  std::array<double, kStatistics> sums_{};     ///< over windows, of each statistic
  std::array<double, kStatistics> squares_{};  ///< of their squares
  double weight_ = 0;                          ///< windows behind these
  double windows_ = 0;                         ///< learnt
  uint32_t since_fit_ = 0;                     ///< windows
};

}  // namespace tidewatch
