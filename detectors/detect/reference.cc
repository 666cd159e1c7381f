#include "detectors/detect/reference.h"

#include <algorithm>
#include <cmath>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

bool can_compare(const Observation& seen, const Observation& reference) {
  return is_usable(seen) && is_usable(reference) && seen.kind == reference.kind &&
         (seen.kind == MeasureKind::rate || seen.kind == MeasureKind::distribution);
}

/// A reference of 0 of 50 does not say that it never happens (Jeffreys' prior).
double level_of(const Observation& reference) {
  if (reference.kind == MeasureKind::rate) return (reference.successes + 0.5) / (reference.trials + 1);
  return reference.value;
}

/// Ratios where values are positive and may be of any size, as a baseline does.
Scale scale_of(const Observation& seen, const Observation& reference) {
  if (seen.kind == MeasureKind::rate) return Scale::logit;
  const bool has_ratios = seen.value > 0 && reference.value > 0 && !domain_of(seen).is_bounded();
  return has_ratios ? Scale::log : Scale::identity;
}

/// Sampling variance of an observation on the scale, were `level` its true value.
double sampling_variance(Scale scale, const Observation& of, double level) {
  if (scale == Scale::logit) return 1.0 / std::max(of.trials * level * (1 - level), 1e-12);
  return scale == Scale::log ? of.variance / (of.value * of.value) : of.variance;
}

/// The natural variation that was learnt on one scale, on another, around `level`.
double variance_on(Scale scale, const Prediction& learnt, double level) {
  if (learnt.scale == scale) return learnt.process_variance;
  const double size = std::max(level * level, 1e-300);
  return scale == Scale::log ? learnt.process_variance / size : learnt.process_variance * size;
}

/// What a window of the size of `seen` shows when the level is `level`.
Prediction prediction_at(double level, const Observation& seen, const Observation& reference,
                         const Prediction& learnt) {
  Prediction out;
  out.known = true;
  out.kind = seen.kind;
  out.scale = scale_of(seen, reference);
  if (out.kind == MeasureKind::rate) level = std::clamp(level, 1e-9, 1 - 1e-9);
  if (out.scale == Scale::log) level = std::max(level, 1e-100);
  out.location = to_scale(out.scale, level);
  out.expected = level;
  if (out.kind == MeasureKind::rate) out.information = std::max(seen.trials * level * (1 - level), 1e-12);
  out.sampling_variance = sampling_variance(out.scale, seen, level);
  out.level_variance = sampling_variance(out.scale, reference, level_of(reference));
  if (learnt.known) out.process_variance = variance_on(out.scale, learnt, level_of(reference));
  // Of few values the variance itself is uncertain (Satterthwaite).
  out.degrees_of_freedom = learnt.known ? learnt.degrees_of_freedom : 200;
  if (out.kind == MeasureKind::distribution && out.total_variance() > 0) {
    const auto share = [&](double part) { return part / out.total_variance() * part / out.total_variance(); };
    const double inverse = 1 / out.degrees_of_freedom + share(out.sampling_variance) / std::max(seen.n - 1, 1.0) +
                           share(out.level_variance) / std::max(reference.n - 1, 1.0);
    out.degrees_of_freedom = std::clamp(1 / inverse, 3.0, 200.0);
  }
  return out;
}

}  // namespace

BaselineParams ReferenceParams::baseline() const {
  BaselineParams out;
  out.half_life = half_life;
  out.season = season;
  out.warm_up = warm_up;
  out.min_spread = min_spread;
  return out;
}

Verdict Reference::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty() || context.reference.empty()) return verdict;
  const Observation& seen = window.observations[0];
  const Observation& reference = context.reference[0];
  if (!can_compare(seen, reference)) return verdict;
  const Prediction learnt = series_.predict(params_, seen, window.season);
  const double level = level_of(reference);
  const double margin = std::max(tolerance_.tolerance * std::abs(reference.value), tolerance_.tolerance_absolute);
  const Domain domain = domain_of(seen);
  const Prediction low = prediction_at(domain.nearest(level - margin), seen, reference, learnt);
  const Prediction high = prediction_at(domain.nearest(level + margin), seen, reference, learnt);
  describe(verdict, prediction_at(level, seen, reference, learnt), seen);
  verdict.expected = reference.value;
  const auto end = [&](double value) { return domain.nearest(std::isnan(value) ? level : value); };
  verdict.expected_low = end(predictive_interval(low, seen).low);
  verdict.expected_high = end(predictive_interval(high, seen).high);
  compare(verdict, seen.value, seen);
  const Tail tail{predictive_tail(low, seen).lower, predictive_tail(high, seen).upper};
  if (!std::isfinite(tail.lower + tail.upper)) return {};
  verdict.surprise = surprise_of(tail.p_value(context.direction));
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  return verdict;
}

void Reference::learn(const Window& window, const Decision& decision) {
  // Of production's own level nothing is anomalous only because the test set was otherwise.
  Decision own;
  own.weight = decision.weight;
  if (!window.observations.empty()) series_.learn(params_, window.observations[0], window, own);
}

double surprise_of_difference(const Observation& seen, const Observation& reference) {
  if (!can_compare(seen, reference)) return 0;
  const Prediction prediction = prediction_at(level_of(reference), seen, reference, {});
  if (!(prediction.total_variance() > 0)) return 0;
  const Tail tail = predictive_tail(prediction, seen);
  return std::isfinite(tail.lower + tail.upper) ? surprise_of(tail.p_value(Direction::either)) : 0;
}

}  // namespace tidewatch
