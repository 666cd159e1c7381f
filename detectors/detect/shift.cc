#include "detectors/detect/shift.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 3;  // 2: two allowances; 3: recalibration, in floats
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
// Windows beyond a number of bits that the claim is worth, as a prior: some tens of them are one excursion.
constexpr double kPriorEvents = 200;

/// log erfc(x) for x >= 0, also where erfc(x) itself is less than the smallest number.
double log_erfc(double x) {
  if (x < 20) return std::log(std::erfc(x));
  return -x * x - std::log(x * std::sqrt(std::numbers::pi)) + std::log1p(-0.5 / (x * x));
}

}  // namespace

void Shift::Side::take(double score, double allowance, double decay) {
  const double level_before = level(allowance);
  const bool was_away = sum > 0;
  sum = static_cast<float>(std::max(0.0, sum * decay + score - allowance));
  if (!(sum > 0)) {
    *this = {};
    return;
  }
  // Log likelihood ratio of 0 against the level so far; a change of less than 2k is not what is looked for.
  const double away = std::max(level_before, 2 * allowance);
  const double returned = was_away ? std::max(0.0, evidence_of_return + away * (away / 2 - score)) : 0;
  evidence_of_return = static_cast<float>(returned);
  if (evidence_of_return > kReturnNats) {
    *this = {};
    return;
  }
  windows += 1;
  scores += static_cast<float>(score);
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

const Shift::Side& Shift::further(const Pairs& pairs, const Prediction& prediction, Direction side) const {
  const auto of = [&](const Pair& pair) -> const Side& { return side == Direction::up ? pair.up : pair.down; };
  const bool is_second =
      p_value(of(pairs[1]), allowance(1, prediction)) < p_value(of(pairs[0]), allowance(0, prediction));
  return of(pairs[is_second ? 1 : 0]);
}

Tail Shift::tail_of(const Pairs& pairs, const Prediction& prediction) const {
  Tail out;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double k = allowance(i, prediction);
    out.lower = std::min(out.lower, kIndependentLooks * p_value(pairs[i].down, k));
    out.upper = std::min(out.upper, kIndependentLooks * p_value(pairs[i].up, k));
  }
  return out;
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
  const Tail tail = tail_of(pairs, expected);
  const Direction side = context.direction == Direction::either ? tail.direction() : context.direction;
  const Side& away = further(pairs, expected, side);
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  verdict.surprise = surprise_of(recalibration_.p_value(tail, context.direction, kPriorEvents));

  describe(verdict, expected, seen);
  if (!(away.windows > 1)) return verdict;
  const double level = (side == Direction::up ? 1 : -1) * away.level(0);
  compare(verdict, from_scale(expected.scale, expected.location + level * std::sqrt(expected.total_variance())), seen);
  verdict.since_windows = static_cast<uint32_t>(std::min(away.windows - 1.0, 4e9));
  return verdict;
}

void Shift::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty()) return;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (reading && warm()) {
    take(pairs_, *reading, window.width);
    const double weight = learning_weight(decision);
    recalibration_.learn(tail_of(pairs_, reading->prediction), weight);
    long_run_.learn(reading->score, weight, window.season.hour, season_errors(reading->prediction, window.width));
  } else {
    long_run_.gap();
  }
  if (series_.learn(params_, seen, reading, window, decision)) pairs_ = {};
}

void Shift::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const Pair& pair : pairs_)
    for (const Side* side : {&pair.up, &pair.down})
      for (const float value : {side->sum, side->windows, side->scores, side->evidence_of_return}) out.put(value);
  long_run_.save(out);
  recalibration_.save(out);
  series_.save(out);
}

Status Shift::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  Shift read(params_, 1);
  bool good = true;
  const auto get = [&](float& value, bool may_be_negative) {
    value = in.get<float>();
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
  good = read.recalibration_.load(in) && good;
  if (!in.ok()) return Error{"corrupt", "shift: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "shift: not a version this build can read"};
  if (!good) return Error{"corrupt", "shift: its state is out of range"};
  if (auto loaded = series_.load(in); !loaded) return loaded;
  pairs_ = read.pairs_;
  long_run_ = read.long_run_;
  recalibration_ = read.recalibration_;
  return ok_status();
}

}  // namespace tidewatch
