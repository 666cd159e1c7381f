#include "detectors/detect/series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

// Huber's bound, in standard deviations: a window further out is learnt with weight bound / distance.
constexpr double kBoundedFrom = 3;
// What is left of the weight of an anomalous window: an incident moves its baseline fifty times slower.
constexpr double kAnomalousWeight = 0.02;
// What lies beyond is damage, not data: squares and products of it would not be finite.
constexpr double kLargestValue = 1e100;
constexpr double kMostObservations = 1e15;
// So many that the error of sampling is none.
constexpr double kMuchData = 1e9;

void expect(Verdict& verdict, const Prediction& prediction, const Observation& size_of) {
  const Interval interval = predictive_interval(prediction, size_of);
  const Domain domain = domain_of(size_of);
  verdict.expected = domain.nearest(prediction.expected);
  verdict.expected_low = std::isnan(interval.low) ? verdict.expected : domain.nearest(interval.low);
  verdict.expected_high = std::isnan(interval.high) ? verdict.expected : domain.nearest(interval.high);
}

}  // namespace

bool is_usable(const Observation& seen) {
  if (seen.missing() || seen.kind == MeasureKind::composition || !(seen.n <= kMostObservations) ||
      !(std::abs(seen.value) <= kLargestValue) || !(seen.variance >= 0) || !std::isfinite(seen.variance))
    return false;
  if (seen.kind == MeasureKind::rate)
    return seen.trials > 0 && seen.trials <= kMostObservations && seen.successes >= 0 &&
           seen.successes <= seen.trials && seen.value >= 0 && seen.value <= 1;
  if (seen.kind == MeasureKind::sum && !(seen.events >= 0 && seen.events <= kMostObservations)) return false;
  return seen.kind == MeasureKind::distribution || seen.value >= 0;
}

std::optional<Reading> Series::read(const BaselineParams& params, const Observation& seen, SeasonSlot slot) const {
  if (!is_usable(seen)) return std::nullopt;
  Reading out;
  out.prediction = baseline_.predict(params, seen, slot);
  if (!out.prediction.known) return std::nullopt;
  out.tail = predictive_tail(out.prediction, seen);
  out.score = normal_score(out.tail);
  const bool is_known = std::isfinite(out.prediction.expected) && std::isfinite(out.prediction.total_variance()) &&
                        std::isfinite(out.score) && std::isfinite(out.tail.lower + out.tail.upper);
  return is_known ? std::optional(out) : std::nullopt;
}

double learning_weight(const Decision& decision) {
  return std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
}

bool Series::learn(const BaselineParams& params, const Observation& seen, const std::optional<Reading>& reading,
                   const Window& window, const Decision& decision) {
  Lesson lesson{learning_weight(decision), decision.anomalous, decision.confirmed_normal};
  if (!is_usable(seen)) {
    Observation nothing = seen;
    nothing.n = 0;
    return baseline_.learn(params, nothing, window.season, window.width, {});
  }
  if (reading) lesson.weight *= std::min(1.0, kBoundedFrom / std::max(std::abs(reading->score), 1e-9));
  return baseline_.learn(params, seen, window.season, window.width, lesson);
}

const Baseline* Series::lent(const BaselineParams& params) const {
  const bool is_alike = baseline_.kind() == MeasureKind::rate || baseline_.kind() == MeasureKind::distribution;
  return is_alike && baseline_.has_own_past(params) ? &baseline_ : nullptr;
}

Status Series::load(ByteReader& in) {
  Baseline loaded;
  if (auto status = loaded.load(in); !status) return status;
  baseline_ = std::move(loaded);
  return ok_status();
}

Domain domain_of(const Observation& seen) {
  Domain out = seen.domain;
  if (seen.kind != MeasureKind::distribution) out.low = std::max(out.low, 0.0);
  if (seen.kind == MeasureKind::rate) out.high = std::min(out.high, 1.0);
  return out;
}

double relative_effect(double value, double expected) {
  const double difference = value - expected;
  if (difference == 0) return 0;
  return std::clamp(difference / std::max(std::abs(expected), 1e-300), -1e6, 1e6);
}

void describe(Verdict& verdict, const Prediction& prediction, const Observation& seen) {
  expect(verdict, prediction, seen);
  compare(verdict, seen.value, seen);
}

void describe_missing(Verdict& verdict, const Series& series, const BaselineParams& params, const Observation& missing,
                      SeasonSlot slot) {
  if (const Prediction known = series.predict(params, missing, slot); known.known) {
    Observation much = missing;
    much.kind = known.kind;
    much.value = 1;  // what its variance would be relative to
    much.variance = 0;
    much.n = kMuchData;
    much.trials = kMuchData;
    expect(verdict, series.predict(params, much, slot), much);
  }
}

void compare(Verdict& verdict, double value, const Observation& seen) {
  verdict.value = domain_of(seen).nearest(value);
  verdict.effect_absolute = verdict.value - verdict.expected;
  verdict.effect = relative_effect(verdict.value, verdict.expected);
  verdict.direction = verdict.value >= verdict.expected ? Direction::up : Direction::down;
}

}  // namespace tidewatch
