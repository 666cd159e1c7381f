#include "detectors/detect/gap.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/detect/count_tail.h"
#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// What a starved window that alarms weighs in what is learnt.
constexpr double kAnomalousWeight = 0.3;
// Where windows bring an event or less, events come in clusters and the logarithm of their number is known roughly:
// a variance that a run adds, in full where next to nothing is expected.
constexpr double kSparseVariance = 0.3;

/// Standard deviation of the logarithm of what a window of a run should have brought.
double run_deviation(const CountPredictive& law) {
  return std::sqrt(law.latent_variance + kSparseVariance / (1 + law.expected));
}

Observation events_seen(double events) {
  return {.kind = MeasureKind::sum, .value = events, .variance = events, .n = std::max(events, 1.0), .events = events};
}

/// The volume behind an observation; nothing seen is a volume of 0.
Observation volume_of(const Observation& seen) {
  if (!is_usable(seen)) return events_seen(0);
  return seen.kind == MeasureKind::sum ? seen : events_seen(seen.n);
}

/// P(this many events or fewer); none exactly, others by mid-p (tail.h), which is never less.
double at_most(const Tail& tail, double events) { return events > 0 ? tail.lower : std::min(1.0, 2 * tail.lower); }

}  // namespace

bool Gap::is_starved(const Observation& volume, const Prediction& expected) const {
  return volume.value < params_.starved_below * expected.expected;
}

Verdict Gap::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty()) return verdict;
  const Observation volume = volume_of(window.observations[0]);
  const auto reading = series_.read(params_, volume, window.season);
  if (!reading) {
    if (volume.value > 0) verdict.judgement = Judgement::warming_up;
    verdict.value = volume.value;
    return verdict;
  }
  describe(verdict, reading->prediction, volume);
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  if (context.direction == Direction::up) return verdict;

  // Doubled: a window may alarm by itself or with those before it.
  double p = 2 * at_most(reading->tail, volume.value);
  const bool starved = is_starved(volume, reading->prediction);
  if (starved && run_.windows > 0) {
    // One natural variation for all of them: their standard deviations add up.
    CountPredictive together = count_predictive(reading->prediction);
    const double spread = run_.spread_events + together.expected * run_deviation(together);
    together.expected += run_.expected_events;
    together.latent_variance = spread / together.expected * (spread / together.expected);
    const double events = run_.events + volume.value / reading->prediction.unit_size;
    const double length = run_.windows + 1.0;
    p = std::min(p, 2 * length * (length - 1) * at_most(count_tail(together, events), events));
    verdict.since_windows = run_.windows;
  }
  verdict.surprise = surprise_of(std::min(p, 1.0));
  verdict.suppresses_quality = starved && warm() && verdict.surprise >= params_.suppress_from;
  return verdict;
}

void Gap::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty()) return;
  const Observation volume = volume_of(window.observations[0]);
  const Prediction expected = series_.predict(params_, volume, window.season);
  if (!expected.known && !(volume.value > 0)) return;  // the entity has not begun
  if (expected.known && is_starved(volume, expected)) {
    run_.windows += 1;
    run_.events += volume.value / expected.unit_size;
    const CountPredictive law = count_predictive(expected);
    run_.expected_events += law.expected;
    run_.spread_events += law.expected * run_deviation(law);
  } else {
    run_ = {};
  }
  // Not by Series' rules for outliers: closing hours return each week and are learnt from a few silences, whereas an
  // outage of an hour is one visit of its hour among many.
  const double weight = std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
  if (series_.learn(params_, volume, window, Lesson{weight, decision.anomalous, decision.confirmed_normal})) run_ = {};
}

void Gap::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(run_.windows);
  for (const double value : {run_.events, run_.expected_events, run_.spread_events}) out.put(value);
  series_.save(out);
}

Status Gap::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  Run run;
  run.windows = in.get<uint32_t>();
  for (double* value : {&run.events, &run.expected_events, &run.spread_events}) *value = in.get<double>();
  if (!in.ok()) return Error{"corrupt", "gap: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "gap: not a version this build can read"};
  if (!(run.events >= 0 && run.expected_events >= 0 && run.spread_events >= 0) ||
      !std::isfinite(run.events + run.expected_events + run.spread_events))
    return Error{"corrupt", "gap: its run of starved windows is out of range"};
  if (auto loaded = series_.load(in); !loaded) return loaded;
  run_ = run;
  return ok_status();
}

}  // namespace tidewatch
