#include "detectors/detect/threshold.h"

#include <algorithm>
#include <cmath>

#include "detectors/core/special_functions.h"
#include "detectors/detect/series.h"
#include "detectors/detect/tail.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;

/// P(true value <= limit | window) and P(true value >= limit | window).
Tail posterior(const Observation& seen, double limit) {
  if (seen.kind == MeasureKind::rate) {
    const double a = seen.successes + 0.5;
    const double b = std::max(seen.trials - seen.successes, 0.0) + 0.5;
    return {beta_lower(limit, a, b), beta_upper(limit, a, b)};
  }
  if (seen.kind == MeasureKind::sum && seen.events > 0 && seen.value > 0) {
    const double shape = seen.events + 0.5;
    const double limit_events = std::max(limit, 0.0) * seen.events / seen.value;
    return {gamma_lower(limit_events, shape), gamma_upper(limit_events, shape)};
  }
  const double error = std::sqrt(std::max(seen.variance, 0.0));
  if (!(error > 0) || !std::isfinite(error)) return {seen.value <= limit ? 1.0 : 0.0, seen.value >= limit ? 1.0 : 0.0};
  const double t = (limit - seen.value) / error;
  if (seen.kind == MeasureKind::distinct) return {normal_upper(-t), normal_upper(t)};
  const double freedom = std::max(seen.n - 1, 1.0);
  return {student_upper(-t, freedom), student_upper(t, freedom)};
}

struct Finding {
  Direction side = Direction::either;
  double limit = 0;
  double surprise = 0;
};

/// `p_within` is made to agree with the plain comparison, whose medians these laws only nearly share.
Finding judge(Direction side, double limit, bool is_beyond, double p_within) {
  const double p = is_beyond ? std::min(p_within, 0.5) : std::max(p_within, std::nextafter(0.5, 1.0));
  return {side, limit, surprise_of(p)};
}

}  // namespace

Status ThresholdParams::check() const {
  if (above && below && *below > *above)
    return Error{"bad_value", fmt::format("below: {} is more than above: {}; no value would be allowed; write a lower "
                                          "limit that is less than the upper one",
                                          *below, *above)};
  return ok_status();
}

Verdict Threshold::score(const Window& window, const Context& context) const {
  Verdict verdict;
  const bool upper = params_.above && context.direction != Direction::down;
  const bool lower = params_.below && context.direction != Direction::up;
  if (window.observations.empty() || !is_usable(window.observations[0]) || (!upper && !lower)) return verdict;
  const Observation& seen = window.observations[0];
  verdict.judgement = Judgement::scored;
  Finding finding;
  if (upper) {
    finding = judge(Direction::up, *params_.above, seen.value > *params_.above, posterior(seen, *params_.above).lower);
  }
  if (lower) {
    const Finding under =
        judge(Direction::down, *params_.below, seen.value < *params_.below, posterior(seen, *params_.below).upper);
    if (!upper || under.surprise > finding.surprise) finding = under;
  }
  verdict.surprise = finding.surprise;
  verdict.direction = finding.side;
  verdict.value = seen.value;
  verdict.expected = finding.limit;
  verdict.expected_low = params_.below.value_or(finding.limit);
  verdict.expected_high = params_.above.value_or(finding.limit);
  verdict.effect_absolute = seen.value - finding.limit;
  verdict.effect = relative_effect(seen.value, finding.limit);
  return verdict;
}

void Threshold::learn(const Window&, const Decision&) {}

AlertNeeds Threshold::alert_needs(AlertNeeds) const {
  return {.surprise = -std::log2(1 - params_.confidence), .effect = 0, .effect_absolute = 0};
}

void Threshold::save(ByteWriter& out) const { out.put(kVersion); }

Status Threshold::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (!in.ok()) return Error{"corrupt", "threshold: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "threshold: not a version this build can read"};
  return ok_status();
}

}  // namespace tidewatch
