#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "detectors/core/bytes.h"
#include "detectors/decide/rollout/arm_groups.h"
#include "detectors/decide/rollout/tail_counts.h"

namespace tidewatch {

/// One measure that is compared between the arms, and how much worse the treatment may be.
struct GuardPlan {
  enum class Kind : uint8_t { rate, mean, quantile };
  Kind kind = Kind::rate;
  double quantile = 0.95;    ///< of Kind::quantile
  bool is_up_worse = true;   ///< else down is
  bool is_relative = false;  ///< the margin is a share of the control's value, else in the measure's unit
  double margin = 0;         ///< not negative: worse by more is a harm; of a goal: what would be worth having
  bool is_goal = false;      ///< is to become better, beside not becoming worse

  /// Where the true effect would be when it is worse by just the margin; differences, or logarithms of ratios.
  double harm() const;
  /// Where it would be when it is better by just the margin.
  double gain() const;
};

/// What one phase of a rollout, in which the arms' shares were constant, showed of a measure.
struct GuardSums {
  ArmPair sums;
  std::vector<TailCounts> tails;  ///< of quantiles alone: by arm, then by group; two random groups share one, as they
                                  ///< are the largest part of what is stored
  static constexpr size_t kTailGroups = kRandomGroups / 2;

  static GuardSums of(const GuardPlan& plan);
  TailCounts& tail(Arm arm, size_t group) { return tails[place_of(arm, group)]; }
  const TailCounts& tail(Arm arm, size_t group) const { return tails[place_of(arm, group)]; }
  void merge(const GuardSums& other);  ///< pre: of the same plan
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< pre: made by of() with the plan that it was saved under

 private:
  static size_t place_of(Arm arm, size_t group) { return static_cast<size_t>(arm) * kTailGroups + group % kTailGroups; }
};

/// How the arms differ from an assumed effect: above zero when the treatment's value is higher than that effect says.
struct ArmDifference {
  double value = 0;
  double variance = 0;
  double size = 0;  ///< harmonic: 1 / (1/n_treatment + 1/n_control), by effective observations
};

/// What people are shown of a comparison.
struct GuardEstimate {
  double control = 0;
  double treatment = 0;
  double effect = 0;  ///< a difference, or the logarithm of a ratio
};

/// Compares the arms over all phases. Within a phase both arms live through the same hours, so that what moves all
/// traffic cancels; phases are weighted by their harmonic size (Mantel & Haenszel 1959), so that a change of shares is
/// no effect. Variances are a delete-a-group jackknife over the random groups (Wolter, Introduction to Variance
/// Estimation, 2007, ch. 4), right for whatever is correlated within a unit, with few groups widened as Student's t
/// would be; of rates never less than the binomial variance, and with few events as the likelihood ratio has it. A
/// quantile's effect is the factor (or amount) by which the control's is multiplied (shifted) so that the same share of
/// the treatment's values is beyond it; the error of the control's own quantile counts.
class GuardComparison {
 public:
  /// What does not depend on the assumed effect is made once; `plan` and `phases` outlive it.
  GuardComparison(const GuardPlan& plan, const std::vector<GuardSums>& phases);
  ~GuardComparison();
  GuardComparison(const GuardComparison&) = delete;
  GuardComparison& operator=(const GuardComparison&) = delete;

  /// Absent: an arm has less than `least` effective observations, or they are of less than 16 groups.
  std::optional<ArmDifference> at(double effect, double least) const;
  /// Absent when an arm has no data.
  std::optional<GuardEstimate> estimate() const;

 private:
  struct Side;
  struct Phase;
  Phase phase_at(size_t index, double effect) const;

  const GuardPlan* plan_;
  const std::vector<GuardSums>* sums_;
  std::vector<Phase> phases_;  ///< at an effect of none; of quantiles, with the control's
};

}  // namespace tidewatch
