#include "detectors/detect/shift.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 2;  // 2: two allowances
// Mean excess of a normal random walk over a boundary (Siegmund 1985, 10.55).
constexpr double kMeanExcess = 0.583;
// Standard deviations of the level's own error that are allowed for.
constexpr double kLevelErrors = 1;
// How many independent looks the two allowances are worth: simulated on independent scores, 1.5 at 3 bits, 1.8 at 9.
constexpr double kIndependentLooks = 1.75;
// The allowances, in units of `reference`.
constexpr std::array<double, 2> kAllowanceShares{1, 0.4};
// Odds e^7 that the change is over.
constexpr double kReturnNats = 7;
constexpr double kAnomalousWeight = 0.02;

/// log erfc(x) for x >= 0, also where erfc(x) itself is less than the smallest number.
double log_erfc(double x) {
  if (x < 20) return std::log(std::erfc(x));
  return -x * x - std::log(x * std::sqrt(std::numbers::pi)) + std::log1p(-0.5 / (x * x));
}

}  // namespace

void Shift::Side::take(double score, double allowance, double decay) {
  const double level_before = level(allowance);
  const bool was_away = sum > 0;
  sum = std::max(0.0, sum * decay + score - allowance);
  if (!(sum > 0)) {
    *this = {};
    return;
  }
  // Log likelihood ratio of 0 against the level so far; a change of less than 2k is not what is looked for.
  const double away = std::max(level_before, 2 * allowance);
  evidence_of_return = was_away ? std::max(0.0, evidence_of_return + away * (away / 2 - score)) : 0;
  if (evidence_of_return > kReturnNats) {
    *this = {};
    return;
  }
  windows += 1;
  scores += score;
}

double Shift::season_errors(const Prediction& prediction, Duration width) {
  const double windows_of_an_hour = std::max(1.0, 3600 / to_seconds(width));
  return 1 + windows_of_an_hour * prediction.season_variance / prediction.total_variance();
}

double Shift::standardised(const Reading& reading, Duration width) const {
  const double variance = long_run_.value(season_errors(reading.prediction, width));
  return std::clamp(reading.score, -params_.bound, params_.bound) / std::sqrt(variance);
}

double Shift::allowance(size_t index, const Prediction& prediction) const {
  const double level_variance = std::max(0.0, prediction.level_variance - prediction.season_variance);
  return kAllowanceShares[index] * params_.reference +
         kLevelErrors * std::sqrt(level_variance / prediction.total_variance());
}

void Shift::take(Pairs& pairs, const Reading& reading, Duration width) const {
  const double z = standardised(reading, width);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double k = allowance(i, reading.prediction);
    pairs[i].up.take(z, k, decay());
    pairs[i].down.take(-z, k, decay());
  }
}

double Shift::p_value(const Side& side, double allowance) const {
  if (!(side.sum > 0)) return 1;
  const double pull = std::numbers::ln2 / params_.excursion_half_life;
  const double root = std::sqrt(pull);
  const double log_p = log_erfc(allowance / root + root * (side.sum + kMeanExcess)) - log_erfc(allowance / root);
  return std::exp(std::min(log_p, 0.0));
}

Verdict Shift::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty()) return verdict;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (!reading) {
    if (is_usable(seen)) verdict.judgement = Judgement::warming_up;
    verdict.value = seen.value;
    return verdict;
  }
  const Prediction& expected = reading->prediction;
  Pairs pairs = pairs_;
  take(pairs, *reading, window.width);
  double smallest = 2;
  Side away;
  Direction side = Direction::up;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double k = allowance(i, expected);
    const Tail tail{p_value(pairs[i].down, k), p_value(pairs[i].up, k)};
    const double p = tail.p_value(context.direction);
    if (p >= smallest) continue;
    smallest = p;
    side = context.direction == Direction::either ? tail.direction() : context.direction;
    away = side == Direction::up ? pairs[i].up : pairs[i].down;
  }
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  verdict.surprise = surprise_of(std::min(1.0, kIndependentLooks * smallest));

  describe(verdict, expected, seen);
  if (!(away.windows > 1)) return verdict;
  const double level = (side == Direction::up ? 1 : -1) * away.scores / away.windows;
  compare(verdict, from_scale(expected.scale, expected.location + level * std::sqrt(expected.total_variance())), seen);
  verdict.since_windows = static_cast<uint32_t>(std::min(away.windows - 1, 4e9));
  return verdict;
}

void Shift::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty()) return;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (reading && warm()) {
    take(pairs_, *reading, window.width);
    const double weight = std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
    long_run_.learn(reading->score, weight, window.season.hour, season_errors(reading->prediction, window.width));
  } else {
    long_run_.gap();
  }
  if (series_.learn(params_, seen, window, decision)) pairs_ = {};
}

void Shift::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const Pair& pair : pairs_)
    for (const Side* side : {&pair.up, &pair.down})
      for (const double value : {side->sum, side->windows, side->scores, side->evidence_of_return}) out.put(value);
  long_run_.save(out);
  series_.save(out);
}

Status Shift::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  Shift read(params_, 1);
  bool good = true;
  const auto get = [&](double& value, bool may_be_negative) {
    value = in.get<double>();
    good = good && std::isfinite(value) && (may_be_negative || value >= 0);
  };
  for (Pair& pair : read.pairs_) {
    for (Side* side : {&pair.up, &pair.down}) {
      get(side->sum, false);
      get(side->windows, false);
      get(side->scores, true);
      get(side->evidence_of_return, false);
    }
  }
  good = read.long_run_.load(in) && good;
  if (!in.ok()) return Error{"corrupt", "shift: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "shift: not a version this build can read"};
  if (!good) return Error{"corrupt", "shift: its state is out of range"};
  if (auto loaded = series_.load(in); !loaded) return loaded;
  pairs_ = read.pairs_;
  long_run_ = read.long_run_;
  return ok_status();
}

}  // namespace tidewatch
