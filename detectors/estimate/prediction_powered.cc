#include "detectors/estimate/prediction_powered.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace tidewatch {
namespace {

constexpr double kFewestLabels = 3;
/// Squared residuals that a yes-or-no score is charged with: a disagreement of one half on each side.
constexpr double kUnseenDisagreement = 0.5;
constexpr double kUnseenItems = 2;
constexpr double kMaxLeverage = 0.9;  ///< of an item that alone decides on lambda, whose residual tells nothing

Error bad(std::string message) { return {"bad_estimate", std::move(message)}; }

Status check(std::span<const LabelledItem> labelled, const ScoredItems& all, Estimand estimand) {
  const auto n = static_cast<double>(labelled.size());
  if (n < kFewestLabels) return bad(fmt::format("{} labelled items: an interval needs at least {}", n, kFewestLabels));
  if (!(all.count >= n) || !std::isfinite(all.count))
    return bad(fmt::format("{} scored items, but {} labelled: the labelled ones are among the scored", all.count, n));
  if (!std::isfinite(all.mean)) return bad("the mean of all scores is not finite");
  for (size_t i = 0; i < labelled.size(); ++i) {
    const LabelledItem& item = labelled[i];
    if (!std::isfinite(item.label) || !std::isfinite(item.score))
      return bad(fmt::format("labelled item {}: label {} and score {} must be finite", i, item.label, item.score));
    if (estimand == Estimand::rate && !(item.label >= 0 && item.label <= 1))
      return bad(fmt::format("labelled item {}: label {} of a rate must lie in [0, 1]", i, item.label));
    if (item.inclusion.has_value() != labelled[0].inclusion.has_value())
      return bad(fmt::format("labelled item {}: give the inclusion probability of all items or of none", i));
    if (item.inclusion && !(*item.inclusion > 0 && *item.inclusion <= 1))
      return bad(fmt::format("labelled item {}: inclusion probability {} must lie in (0, 1]", i, *item.inclusion));
  }
  return ok_status();
}

/// The labelled items with their weights, and weighted sums over them.
class Sample {
 public:
  Sample(std::span<const LabelledItem> items, double population) : items_(items) {
    weights_.reserve(items.size());
    double squares = 0;
    for (const LabelledItem& item : items) {
      const double chance = item.inclusion.value_or(static_cast<double>(items.size()) / population);
      weights_.push_back({1 / chance, (1 - chance) / (chance * chance)});
      total_ += 1 / chance;
      squares += 1 / (chance * chance);
    }
    effective_ = total_ * total_ / squares;
  }

  double effective() const { return effective_; }  ///< Kish's number of items

  template <typename Of>
  double mean(const Of& of) const {
    double sum = 0;
    for (size_t i = 0; i < items_.size(); ++i) sum += weights_[i].mean * of(items_[i]);
    return sum / total_;
  }

  /// Sampling (co)variance of two Hájek means about the means of the population, linearised, without small-n
  /// correction.
  template <typename A, typename B>
  double sampling_covariance(const A& a, const B& b) const {
    return covariance(a, b, &Weight::sampling) / (total_ * total_);
  }

  /// Of labels less lambda · score. An item whose score lies far out has drawn lambda towards itself, so that its
  /// residual is too small: it is divided by 1 − leverage (HC3, MacKinnon & White 1985), which covers lambda's own
  /// error, too.
  double sampling_variance_of_residuals(double lambda) const {
    const auto score = [](const LabelledItem& item) { return item.score; };
    const auto residual = [&](const LabelledItem& item) { return item.label - lambda * item.score; };
    const double mean_score = mean(score);
    const double mean_residual = mean(residual);
    const double spread = covariance(score, score, &Weight::sampling);
    double sum = 0;
    for (size_t i = 0; i < items_.size(); ++i) {
      const double away = items_[i].score - mean_score;
      const double pull = spread > 0 ? weights_[i].sampling * away * away / spread : 0;
      const double leverage = std::min(kMaxLeverage, weights_[i].mean / total_ + pull);
      const double left_out = (residual(items_[i]) - mean_residual) / (1 - leverage);
      sum += weights_[i].sampling * left_out * left_out;
    }
    return sum / (total_ * total_);
  }

  /// (Co)variance of two values over the population, without small-n correction.
  template <typename A, typename B>
  double population_covariance(const A& a, const B& b) const {
    return covariance(a, b, &Weight::mean) / total_;
  }

 private:
  struct Weight {
    double mean;      ///< 1 / π
    double sampling;  ///< (1 − π) / π²: what an item adds to the variance of a total under Poisson sampling
  };

  template <typename A, typename B>
  double covariance(const A& a, const B& b, double Weight::*weight) const {
    const double mean_a = mean(a);
    const double mean_b = mean(b);
    double sum = 0;
    for (size_t i = 0; i < items_.size(); ++i)
      sum += weights_[i].*weight * (a(items_[i]) - mean_a) * (b(items_[i]) - mean_b);
    return sum;
  }

  std::span<const LabelledItem> items_;
  std::vector<Weight> weights_;
  double total_ = 0;
  double effective_ = 0;
};

double label_of(const LabelledItem& item) { return item.label; }
double score_of(const LabelledItem& item) { return item.score; }

bool says_yes_or_no(std::span<const LabelledItem> labelled) {
  const auto [low, high] = std::minmax_element(labelled.begin(), labelled.end(),
                                               [](const auto& a, const auto& b) { return a.score < b.score; });
  return low->score < high->score && std::all_of(labelled.begin(), labelled.end(), [&](const LabelledItem& item) {
           return item.score == low->score || item.score == high->score;
         });
}

/// The weight of the score that makes the sampling variance least; 0 where the score tells nothing apart.
double best_lambda(const Sample& sample) {
  const double own = sample.sampling_covariance(score_of, score_of);
  return own > 0 ? sample.sampling_covariance(label_of, score_of) / own : 0;
}

/// Sampling variance of lambda · (mean score of all) + mean of the residuals, about the population's mean.
double residual_variance(const Sample& sample, std::span<const LabelledItem> labelled, double lambda, double population,
                         Estimand estimand) {
  if (estimand != Estimand::rate || !says_yes_or_no(labelled)) return sample.sampling_variance_of_residuals(lambda);
  const auto residual_of = [&](const LabelledItem& item) { return item.label - lambda * item.score; };
  const double n = sample.effective();
  const double plain = sample.sampling_covariance(residual_of, residual_of);
  const double not_seen = 1 - std::min(1.0, n / population);
  return (plain * n + not_seen * kUnseenDisagreement / n) / (n - 2 + kUnseenItems);
}

/// A rate as the labels alone tell it.
struct Rate {
  double value;
  double labels;      ///< Kish's number
  double population;  ///< more labels than items there cannot be

  /// How many labels give a rate this variance, after Korn & Graubard.
  double labels_of(double variance) const {
    const double of_one = value * (1 - value) * labels / (labels - 1);
    return of_one > 0 && variance > 0 ? std::clamp(of_one / variance, 1.0, population) : labels;
  }
};

Interval around(double value, double half) { return {value - half, value + half}; }

}  // namespace

Result<PredictionPowered> prediction_powered(std::span<const LabelledItem> labelled, const ScoredItems& all,
                                             Estimand estimand, double confidence) {
  if (auto status = check(labelled, all, estimand); !status) return status.error();
  const Sample sample(labelled, all.count);
  const double n = sample.effective();
  if (n < kFewestLabels)
    return bad(fmt::format("inclusion probabilities so unequal that {} labels count as {:.1f}: an interval needs {}",
                           labelled.size(), n, kFewestLabels));
  PredictionPowered out;
  out.lambda = best_lambda(sample);
  const auto residual_of = [&](const LabelledItem& item) { return item.label - out.lambda * item.score; };
  out.value = out.lambda * all.mean + sample.mean(residual_of);
  out.labels_alone = sample.mean(label_of);

  const double of_process = sample.population_covariance(label_of, label_of) * n / (n - 1) / all.count;
  const double alone = sample.sampling_covariance(label_of, label_of) * n / (n - 1) + of_process;
  out.variance = residual_variance(sample, labelled, out.lambda, all.count, estimand) + of_process;
  out.gain = alone > 0 && out.variance > 0 ? alone / out.variance : 1;

  const Rate rate{out.labels_alone, n, all.count};
  // One degree of freedom went into the mean, one into lambda.
  const double quantile = two_sided_quantile(confidence, n - 2);
  const double quantile_alone = two_sided_quantile(confidence, n - 1);
  if (estimand == Estimand::rate) {
    out.interval = wilson(out.value, rate.labels_of(out.variance), quantile);
    out.labels_alone_interval = wilson(out.labels_alone, rate.labels_of(alone), quantile_alone);
  } else {
    out.interval = around(out.value, quantile * std::sqrt(out.variance));
    out.labels_alone_interval = around(out.labels_alone, quantile_alone * std::sqrt(alone));
  }
  if (estimand == Estimand::rate) out.value = std::clamp(out.value, 0.0, 1.0);
  return out;
}

}  // namespace tidewatch
