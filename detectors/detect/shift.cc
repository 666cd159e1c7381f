#include "detectors/detect/shift.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "detectors/detect/predictive.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Mean excess of a normal random walk over a boundary (Siegmund 1985, 10.55).
constexpr double kMeanExcess = 0.583;
// Standard deviations of the baseline's own error that are allowed for.
constexpr double kBaselineErrors = 2;
// Windows that "no serial correlation" is worth before any is seen, and the most that is believed.
constexpr double kPriorWindows = 50;
constexpr double kMostPersistence = 0.9;
constexpr double kPersistenceHalfLife = 2016;
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

double Shift::standardised(const Reading& reading) const {
  const double shrunk = weight_ * products_ / ((weight_ + kPriorWindows) * std::max(squares_, 0.25));
  const double persistence = std::clamp(shrunk, 0.0, kMostPersistence);
  const double long_run = std::sqrt((1 + persistence) / (1 - persistence));
  return std::clamp(reading.score, -params_.bound, params_.bound) / long_run;
}

double Shift::allowance(const Prediction& prediction) const {
  return params_.reference + kBaselineErrors * std::sqrt(prediction.level_variance / prediction.total_variance());
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
  const double z = standardised(*reading);
  const double k = allowance(expected);
  Side up = up_;
  Side down = down_;
  up.take(z, k, decay());
  down.take(-z, k, decay());
  const Tail tail{p_value(down, k), p_value(up, k)};
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  verdict.surprise = surprise_of(tail.p_value(context.direction));

  const Direction side = context.direction == Direction::either ? tail.direction() : context.direction;
  const Side& away = side == Direction::up ? up : down;
  describe(verdict, expected, seen);
  if (!(away.windows > 1)) return verdict;
  const double level = (side == Direction::up ? 1 : -1) * away.scores / away.windows;
  compare(verdict, from_scale(expected.scale, expected.location + level * std::sqrt(expected.total_variance())), seen);
  verdict.since_windows = static_cast<uint32_t>(std::min(away.windows - 1, 4e9));
  return verdict;
}

void Shift::learn_persistence(double score, double weight) {
  const double bounded = std::clamp(score, -3.0, 3.0);
  if (last_score_ != 0 && weight > 0) {
    weight_ = std::exp2(-1.0 / kPersistenceHalfLife) * weight_ + weight;
    products_ += weight / weight_ * (bounded * last_score_ - products_);
    squares_ += weight / weight_ * (bounded * bounded - squares_);
  }
  last_score_ = bounded;
}

void Shift::learn(const Window& window, const Decision& decision) {
  if (window.observations.empty()) return;
  const Observation& seen = window.observations[0];
  const auto reading = series_.read(params_, seen, window.season);
  if (reading && warm()) {
    const double z = standardised(*reading);
    const double k = allowance(reading->prediction);
    up_.take(z, k, decay());
    down_.take(-z, k, decay());
    learn_persistence(reading->score,
                      std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0));
  } else {
    last_score_ = 0;
  }
  if (series_.learn(params_, seen, window, decision)) up_ = down_ = {};
}

void Shift::save(ByteWriter& out) const {
  out.put(kVersion);
  for (const Side* side : {&up_, &down_})
    for (const double value : {side->sum, side->windows, side->scores, side->evidence_of_return}) out.put(value);
  for (const double value : {last_score_, products_, squares_, weight_}) out.put(value);
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
  for (Side* side : {&read.up_, &read.down_}) {
    get(side->sum, false);
    get(side->windows, false);
    get(side->scores, true);
    get(side->evidence_of_return, false);
  }
  get(read.last_score_, true);
  get(read.products_, true);
  get(read.squares_, false);
  get(read.weight_, false);
  if (!in.ok()) return Error{"corrupt", "shift: its state is cut off"};
  if (version != kVersion) return Error{"unknown_version", "shift: not a version this build can read"};
  if (!good) return Error{"corrupt", "shift: its state is out of range"};
  if (auto loaded = series_.load(in); !loaded) return loaded;
  up_ = read.up_;
  down_ = read.down_;
  last_score_ = read.last_score_;
  products_ = read.products_;
  squares_ = read.squares_;
  weight_ = read.weight_;
  return ok_status();
}

}  // namespace tidewatch
