#pragma once

#include <Eigen/Core>
#include <tuple>
#include <vector>

#include "detectors/detect/correlation.h"
#include "detectors/detect/covariance_basis.h"
#include "detectors/detect/covariance_ratio.h"
#include "detectors/detect/score_vector.h"
#include "detectors/detect/triangle.h"

namespace tidewatch {

struct ComovementParams : BaselineParams {
  ComovementParams() { warm_up = 288; }  // a covariance takes longer to know than a level
  double smoothing = 0.03;               ///< (0, 1]: weight of the newest window
  double covariance_half_life = 2016;    ///< windows

  static constexpr auto table() {
    return std::tuple_cat(
        BaselineParams::table(),
        params(field("smoothing", &ComovementParams::smoothing, range(0.005, 0.2),
                     "weight of the newest window in the recent covariance: the smaller, the smaller the change that "
                     "is found, and the later"),
               field("covariance_half_life", &ComovementParams::covariance_half_life, range(288, 1e6),
                     "windows until what was learnt of how measures vary together counts half", "windows")));
  }
};

/// Measures that begin to vary together, or no longer do, or vary more or less than usual, whatever their levels:
/// latency that now follows the traffic, cost that no longer follows the tokens.
///
/// Each observation's seasonal baseline gives a score z (as in `multivariate`); what is looked at is d, the difference
/// of a window's score and the one before it by sqrt(2): a level that moves, or moves for good, is in one difference
/// and gone, so that a change of mean is left to the detectors that look for it. The covariance of d is learnt with
/// slow forgetting; that of the recent windows is an exponentially weighted one (MEWMC; Hawkins & Maboudou-Tchao 2008)
/// compared with it by the likelihood ratio (covariance_ratio.h), in coordinates in which what was learnt is the
/// identity (covariance_basis.h). Differences overlap and scores may be serially correlated: the statistic is divided
/// by how much larger than independent windows' it was while nothing happened.
///
/// A window's part is bounded, so that an outlier is no change. For measures missing in a window stands what the others
/// let expect (conditional expectation), with less weight the more are missing; those missing for three times the
/// memory of the recent covariance are left out. Memory grows with the square of the number of measures.
class Comovement final : public Detector {
 public:
  using Params = ComovementParams;
  static constexpr bool kIsMultivariate = true;
  Comovement(const Params& params, size_t observations);

  /// Value and expected are those of the first contribution: the correlation of a pair, recently and as learnt, or how
  /// many times its usual spread a single measure has, expected 1. Contribution::with says which it is. A side is
  /// asked of that value; Context::worse means nothing here.
  Verdict score(const Window& window, const Context& context) const override;
  void learn(const Window& window, const Decision& decision) override;
  bool warm() const override;
  size_t memory_bytes() const override;
  void save(ByteWriter& out) const override;
  Status load(ByteReader& in) override;

 private:
  using Index = Eigen::Index;
  struct Recent {
    explicit Recent(Index size) : further(size), missing(static_cast<size_t>(size), 0) {}
    Triangle further;               ///< the recent covariance, less the learnt one
    double squares = 0;             ///< sum of the squared weights of its windows
    std::vector<uint32_t> missing;  ///< windows in a row
  };
  struct Finding;
  Eigen::VectorXd differences(const ScoreVector& seen) const;
  std::vector<Index> known(const Eigen::VectorXd& seen) const;
  std::vector<Index> alive(const Recent& recent) const;
  void take(Recent& recent, const Eigen::VectorXd& difference) const;
  Finding test(const Recent& recent) const;
  double inflation() const;
  Eigen::MatrixXd covariance_since_change(const Recent& recent, const CovarianceBasis& basis) const;
  void describe(Verdict& verdict, const Recent& recent, const Finding& found) const;
  bool has_returned(const Eigen::VectorXd& difference);
  void follow_run(const Eigen::VectorXd& difference);
  void remember(const ScoreVector& seen);
  void start_anew();

  Params params_;
  std::vector<Series> series_;
  Correlation learnt_;
  Recent recent_;
  std::vector<float> compared_;    ///< scores of the window that the next one is compared with; NaN: missing
  uint32_t compared_age_ = 0;      ///< windows since then
  uint32_t run_ = 0;               ///< windows since the ratio left its usual range
  double evidence_of_return_ = 0;  ///< nats
  uint32_t anomalous_ = 0;         ///< windows counted towards `adapt_after`, leaking one by normal window
  double excess_ = 0;              ///< sum over windows of the statistic by dimension
  double excess_weight_ = 0;       ///< windows
};

}  // namespace tidewatch
