#include "detectors/decide/rollout/guard.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tidewatch {
namespace {

constexpr size_t kLeastGroups = 16;
/// Relative margins end here: nothing is lower by all of it.
constexpr double kMostRelativeFall = 0.99;
/// Ratios of quantiles are looked for between a hundredth and a hundredfold.
constexpr double kWidestLogRatio = 4.6;

double part(double of, double whole) { return whole > 0 ? of / whole : 0; }

double x_log_ratio(double x, double expected) { return x > 0 ? x * std::log(x / expected) : 0; }

/// Twice the log likelihood ratio of `successes` in `trials` against a rate of `rate`.
double deviance(double successes, double trials, double rate) {
  return 2 * (x_log_ratio(successes, trials * rate) + x_log_ratio(trials - successes, trials * (1 - rate)));
}

double effect_of(double size, bool is_up, bool is_relative) {
  if (!is_relative) return is_up ? size : -size;
  return is_up ? std::log1p(size) : std::log1p(-std::min(size, kMostRelativeFall));
}

}  // namespace

double GuardPlan::harm() const { return effect_of(margin, is_up_worse, is_relative); }
double GuardPlan::gain() const { return effect_of(margin, !is_up_worse, is_relative); }

GuardSums GuardSums::of(const GuardPlan& plan) {
  GuardSums out;
  if (plan.kind == GuardPlan::Kind::quantile) out.tails.resize(kArms * kTailGroups);
  return out;
}

void GuardSums::merge(const GuardSums& other) {
  for (size_t arm = 0; arm < kArms; ++arm)
    for (size_t group = 0; group < kRandomGroups; ++group) sums[arm][group].add(other.sums[arm][group]);
  for (size_t i = 0; i < tails.size(); ++i) tails[i].merge(other.tails[i]);
}

void GuardSums::save(ByteWriter& out) const {
  if (tails.empty())
    for (const ArmGroups& arm : sums) arm.save(out);
  for (const TailCounts& tail : tails) tail.save(out);
}

bool GuardSums::load(ByteReader& in) {
  if (tails.empty()) return sums[0].load(in) && sums[1].load(in);
  return std::all_of(tails.begin(), tails.end(), [&](TailCounts& tail) { return tail.load(in); });
}

/// One arm in one phase, of what a rate or a mean is made of.
struct GuardComparison::Side {
  std::array<double, kRandomGroups> total{};
  std::array<double, kRandomGroups> weight{};
  double all_total = 0;
  double all_weight = 0;
  double effective = 0;
  void set(size_t group, double of_total, double of_weight, double of_effective) {
    total[group] = of_total;
    weight[group] = of_weight;
    all_total += of_total;
    all_weight += of_weight;
    effective += of_effective;
  }
  double mean() const { return part(all_total, all_weight); }
  double mean_without(size_t group) const { return part(all_total - total[group], all_weight - weight[group]); }
  double events() const { return std::clamp(mean(), 0.0, 1.0) * effective; }
};

struct GuardComparison::Phase {
  Side control;
  Side treatment;
  double factor = 1;  ///< of the control's mean
  double shift = 0;   ///< that the effect adds to it
  double cut = 0;     ///< the control's quantile
  double size() const {
    const double all = control.effective + treatment.effective;
    return all > 0 ? control.effective * treatment.effective / all : 0;
  }
  /// Rates of both arms that the assumed effect and all that was seen agree on.
  std::pair<double, double> rates() const {
    const double n = treatment.effective + control.effective;
    const double pooled = (treatment.events() + control.events() + 1) / (n + 2);
    const double of_control = factor == 1 ? pooled - shift * treatment.effective / n
                                          : pooled * n / (treatment.effective * factor + control.effective);
    const double least = 0.5 / (n + 2);
    const double kept = std::clamp(of_control, least, 1 - least);
    return {kept, std::clamp(kept * factor + shift, least, 1 - least)};
  }
};

GuardComparison::GuardComparison(const GuardPlan& plan, const std::vector<GuardSums>& phases)
    : plan_(&plan), sums_(&phases) {
  const bool is_quantile = plan.kind == GuardPlan::Kind::quantile;
  for (const GuardSums& sums : phases) {
    Phase& made = phases_.emplace_back();
    if (!is_quantile) {
      for (size_t group = 0; group < kRandomGroups; ++group)
        for (const auto& [side, arm] : {std::pair(&made.control, 0), std::pair(&made.treatment, 1)}) {
          const GroupSums& of = sums.sums[static_cast<size_t>(arm)][group];
          side->set(group, of.total, of.weight, of.effective);
        }
      continue;
    }
    TailCounts all;
    for (size_t group = 0; group < GuardSums::kTailGroups; ++group) all.merge(sums.tail(Arm::control, group));
    made.cut = all.quantile(plan.quantile);
    for (size_t group = 0; group < GuardSums::kTailGroups; ++group) {
      const TailCounts& control = sums.tail(Arm::control, group);
      made.control.set(group, control.above(made.cut), control.count(), control.effective());
    }
  }
}

GuardComparison::~GuardComparison() = default;

GuardComparison::Phase GuardComparison::phase_at(size_t index, double effect) const {
  Phase out = phases_[index];
  if (plan_->kind != GuardPlan::Kind::quantile) {
    if (plan_->is_relative)
      out.factor = std::exp(effect);
    else
      out.shift = effect;
    return out;
  }
  const double moved = plan_->is_relative ? out.cut * std::exp(effect) : out.cut + effect;
  for (size_t group = 0; group < GuardSums::kTailGroups; ++group) {
    const TailCounts& treatment = (*sums_)[index].tail(Arm::treatment, group);
    out.treatment.set(group, treatment.above(moved), treatment.count(), treatment.effective());
  }
  return out;
}

std::optional<ArmDifference> GuardComparison::at(double effect, double least) const {
  std::vector<Phase> phases;
  phases.reserve(phases_.size());
  double size = 0;
  double of_control = 0;
  double of_treatment = 0;
  for (size_t i = 0; i < phases_.size(); ++i) {
    const Phase phase = phase_at(i, effect);
    if (phase.size() <= 0) continue;
    size += phase.size();
    of_control += phase.control.effective;
    of_treatment += phase.treatment.effective;
    phases.push_back(phase);
  }
  if (phases.empty() || of_control < least || of_treatment < least) return std::nullopt;

  ArmDifference out;
  out.size = size;
  const auto between = [](const Phase& phase, double control, double treatment) {
    return treatment - phase.factor * control - phase.shift;
  };
  for (const Phase& phase : phases)
    out.value += phase.size() / size * between(phase, phase.control.mean(), phase.treatment.mean());

  size_t control_groups = 0;
  size_t treatment_groups = 0;
  double squares = 0;
  for (size_t group = 0; group < kRandomGroups; ++group) {
    double without = 0;
    bool is_in_control = false;
    bool is_in_treatment = false;
    for (const Phase& phase : phases) {
      without +=
          phase.size() / size * between(phase, phase.control.mean_without(group), phase.treatment.mean_without(group));
      is_in_control |= phase.control.weight[group] > 0;
      is_in_treatment |= phase.treatment.weight[group] > 0;
    }
    control_groups += is_in_control ? 1 : 0;
    treatment_groups += is_in_treatment ? 1 : 0;
    squares += (without - out.value) * (without - out.value);
  }
  const auto groups = static_cast<double>(std::min(control_groups, treatment_groups));
  if (groups < kLeastGroups) return std::nullopt;
  double variance = squares * (groups - 1) / groups;
  if (variance > 0) {
    // As surprising by the normal law as this is by Student's (Abramowitz & Stegun 26.7.8).
    const double freedom = groups - 1;
    const double scale = 1 - 1 / (4 * freedom);
    variance = (variance + out.value * out.value / (2 * freedom)) / (scale * scale);
  }
  if (plan_->kind != GuardPlan::Kind::mean) {
    double binomial = 0;
    double evidence = 0;
    for (const Phase& phase : phases) {
      const auto [control, treatment] = phase.rates();
      const double weight = phase.size() / size;
      binomial += weight * weight *
                  (treatment * (1 - treatment) / phase.treatment.effective +
                   phase.factor * phase.factor * control * (1 - control) / phase.control.effective);
      evidence += deviance(phase.control.events(), phase.control.effective, control) +
                  deviance(phase.treatment.events(), phase.treatment.effective, treatment);
    }
    variance = std::max(variance, binomial);
    if (evidence > 0) variance = std::max(variance, out.value * out.value / evidence);
  }
  // All values alike: nothing can be said of their spread.
  if (!(variance > 0)) return std::nullopt;
  out.variance = variance;
  return out;
}

std::optional<GuardEstimate> GuardComparison::estimate() const {
  GuardEstimate out;
  double size = 0;
  for (size_t i = 0; i < phases_.size(); ++i) {
    const Phase phase = phase_at(i, 0);
    if (phase.size() <= 0) continue;
    double control = phase.control.mean();
    double treatment = phase.treatment.mean();
    if (plan_->kind == GuardPlan::Kind::quantile) {
      TailCounts all;
      for (size_t group = 0; group < GuardSums::kTailGroups; ++group)
        all.merge((*sums_)[i].tail(Arm::treatment, group));
      control = phase.cut;
      treatment = all.quantile(plan_->quantile);
    }
    size += phase.size();
    out.control += phase.size() * control;
    out.treatment += phase.size() * treatment;
  }
  if (size <= 0) return std::nullopt;
  out.control /= size;
  out.treatment /= size;
  if (!plan_->is_relative)
    out.effect = out.treatment - out.control;
  else if (out.control > 0 && out.treatment > 0)
    out.effect = std::log(out.treatment / out.control);
  else
    out.effect = out.treatment > out.control ? kWidestLogRatio : out.treatment < out.control ? -kWidestLogRatio : 0;
  return out;
}

}  // namespace tidewatch
