#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/measure.h"
#include "detectors/core/result.h"
#include "detectors/core/window.h"
#include "detectors/sketch/category_counts.h"
#include "detectors/sketch/exemplar.h"
#include "detectors/sketch/weighted_trials.h"

namespace tidewatch {

/// The mergeable summary of one measure of one entity in one pane. What it keeps follows from the kind:
/// a rate two counts (and what each cluster counted, where trials come in clusters), a sum its moments, a distribution
/// moments and quantile sketches, distinct a HyperLogLog, a composition counts by category; and a few exemplars. An
/// empty one, or a rate without exemplars, is 48 bytes.
///
/// Merging is commutative and associative and equals adding everything to one aggregate, bit for bit: the outcome does
/// not depend on how a stream was partitioned or batched (compositions: up to CategoryCounts::kMaxCategories names).
///
/// Weights: 1/p for an observation sampled with probability p; negative to withdraw one (the value and the size of the
/// weight must be those it was added with). A partial may hold more withdrawals than additions; what observe() says is
/// never negative. Values that are not finite (or above 1e140) are counted in rejected(). Not thread-safe.
class Aggregate {
 public:
  /// `worst_end` says which exemplars to keep: of rates the successes (largest) or the failures (smallest); of values
  /// the largest or the smallest. Aggregates of one measure must agree on it.
  explicit Aggregate(MeasureKind kind, WorstEnd worst_end = WorstEnd::largest);
  Aggregate(const Aggregate& other);
  Aggregate& operator=(const Aggregate& other);
  Aggregate(Aggregate&& other) noexcept;
  Aggregate& operator=(Aggregate&& other) noexcept;
  ~Aggregate();

  // Each pre: of the kind named. An exemplar is copied only when it is kept; its `value` is ignored.
  void add_trial(bool success, double weight = 1.0, const Exemplar* exemplar = nullptr);  ///< rate
  /// rate: a trial of a cluster, a hash uniform over all values; weights ±1 (sketch/clustered_trials.h).
  void add_clustered_trial(bool success, uint64_t cluster, double weight = 1.0, const Exemplar* exemplar = nullptr);
  void add_value(double value, double weight = 1.0, const Exemplar* exemplar = nullptr);  ///< distribution, sum
  void add_key(uint64_t hash);  ///< distinct: hash_key() of distinct.h; cannot be withdrawn
  void add_category(std::string_view name, double weight = 1.0);  ///< composition

  void merge(const Aggregate& other);  ///< pre: same kind and worst end

  MeasureKind kind() const { return kind_; }
  WorstEnd worst_end() const { return worst_end_; }
  bool empty() const;  ///< nothing was added, or all was withdrawn
  double rejected() const;

  /// What a detector sees. `missing()` when nothing is left.
  /// - rate: successes of trials, both scaled to the effective size (sketch/weighted_trials.h, clustered_trials.h);
  ///   variance 0: the beta-binomial has its own.
  /// - distribution: Statistic::value is the mean. Mean with Moments::variance_of_mean() (one value: its square),
  ///   quantiles with order_statistic_variance() at Kish's effective size.
  /// - sum: Σwx; events = (Σwx)²/Σ(wx)², variance = Σ(wx)² (values arriving as a Poisson stream).
  /// - distinct: estimate, the sketch's own variance, n = estimate.
  /// - composition: the number of categories, n = total weight, and the counts, valid until the aggregate changes.
  Observation observe(Statistic statistic = Statistic::value) const;

  double weight() const;  ///< rates, distributions, sums: Σw, the estimated size of the population; else 0
  /// Rate only: Σw of successes and failures as they are, which in a partial that withdraws more than it adds is below
  /// 0: what sums over time are made of. Clusters count every trial.
  struct Counts {
    double successes = 0;
    double failures = 0;
  };
  Counts counts() const;
  double quantile(double q) const;  ///< distribution only; NaN when empty
  /// Distribution only: how its values and those of `others` lie about one cut that both choose together: their common
  /// quantile of `statistic`, or their mean. Of values that are not told apart from the cut, all count as higher or
  /// none does, whichever divides nearer to where the statistic would (the mean: in half). Counts are effective sizes;
  /// all 0 when either is empty. Pre: `others` is a distribution.
  Split split(const Aggregate& others, Statistic statistic) const;
  /// Distribution only: its values within their relative error, the smallest first, with their weights.
  void for_each_value(const std::function<void(double value, double weight)>& visit) const;
  const CategoryCounts& categories() const;  ///< composition only
  /// Distribution only: how many of the effective number of values fall into each class (value_classes.h).
  CategoryCounts classes(const Domain& domain) const;
  /// The worst first. A withdrawn observation may stay among them, until no bad trial of a rate is left.
  std::vector<Exemplar> exemplars() const;

  size_t memory_bytes() const;
  std::string serialize() const;
  /// Errors: `unknown_version`, `corrupt`.
  static Result<Aggregate> deserialize(std::string_view bytes);

 private:
  struct Distribution;
  struct Body;  ///< everything but the counts of a rate
  Body& body();
  void offer(const Exemplar* exemplar, double value, double weight);
  void write_body(ByteWriter& out) const;
  Status read_body(ByteReader& in);

  MeasureKind kind_;
  WorstEnd worst_end_;
  WeightedTrials trials_;  ///< rate
  std::unique_ptr<Body> body_;
  std::unique_ptr<ExemplarSet> exemplars_;
};

}  // namespace tidewatch
