#include "unit/detectors/decide/quiet_fleet.h"

#include <algorithm>

#include "detectors/decide/false_alarms.h"
#include "detectors/detect/registry.h"

namespace tidewatch::testing {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr size_t kWeek = 7 * kDay;
constexpr size_t kClocksChange = 5 * kWeek;
constexpr size_t kHabitsChange = 8 * kWeek;

/// A binomial count by inversion: its cost is that of the mean, not of n.
double binomial(Traffic& traffic, double n, double p) {
  if (n * p > 200) return std::clamp(std::round(n * p + std::sqrt(n * p * (1 - p)) * traffic.normal()), 0.0, n);
  const double odds = p / (1 - p);
  double left = traffic.uniform();
  double mass = std::exp(n * std::log1p(-p));
  double k = 0;
  while (left > mass && k < n) {
    left -= mass;
    mass *= odds * (n - k) / (k + 1);
    ++k;
  }
  return k;
}

/// Student-t with four degrees of freedom (Shaw 2006): its quantile has a closed form.
double student4(Traffic& traffic) {
  const double u = traffic.uniform();
  const double alpha = 4 * u * (1 - u);
  const double q = std::cos(std::acos(std::sqrt(alpha)) / 3) / std::sqrt(alpha);
  return (u < 0.5 ? -2 : 2) * std::sqrt(std::max(0.0, q - 1));
}

}  // namespace

std::string_view name_of(Quiet kind) {
  constexpr std::array<std::string_view, kQuietKinds> kNames{"many_data", "few_data", "seasonal",      "autocorrelated",
                                                             "bursty",    "launches", "season_change", "heavy_tails"};
  return kNames[static_cast<size_t>(kind)];
}

QuietSeries::QuietSeries(Quiet kind, Shape shape, uint64_t seed) : kind_(kind), shape_(shape), traffic_(seed) {
  level_ = std::exp(0.5 * traffic_.normal());
  share_ = 0.02 + 0.08 * traffic_.uniform();
  depth_ = 0.3 + 0.4 * traffic_.uniform();
  if (kind_ == Quiet::few_data) size_ = 12 + 8 * traffic_.uniform();
  if (kind_ == Quiet::launches && traffic_.uniform() < 1.0 / 3)
    birth_ = static_cast<size_t>(8 * kWeek * traffic_.uniform());
}

double QuietSeries::volume() {
  if (kind_ == Quiet::bursty) {
    if (traffic_.uniform() < 1.0 / 54)
      burst_ = traffic_.uniform();
    else if (traffic_.uniform() < 0.25)
      burst_ = 0;
    return size_ * (1 + 3 * burst_);
  }
  const bool has_season = kind_ == Quiet::seasonal || kind_ == Quiet::season_change || kind_ == Quiet::launches;
  if (!has_season) return size_;
  size_t local = index_;
  double depth = depth_;
  if (kind_ == Quiet::season_change) {
    if (index_ >= kClocksChange) local += 12;
    if (index_ >= kHabitsChange) depth *= 0.6;
  }
  const bool is_weekend = local / kDay % 7 >= 5;
  if (kind_ == Quiet::launches) {
    if (traffic_.uniform() < 1.0 / (14.0 * kDay)) launched_ *= 1.5 + 2 * traffic_.uniform();
    launched_ = 1 + (launched_ - 1) * std::exp2(-1.0 / (2.0 * kDay));
  }
  return size_ * launched_ * daily(local, depth) * (is_weekend ? 0.6 : 1.0);
}

double QuietSeries::variation() {
  constexpr double kCorrelation = 0.9;
  wandering_ = kCorrelation * wandering_ + std::sqrt(1 - kCorrelation * kCorrelation) * traffic_.normal();
  switch (kind_) {
    case Quiet::autocorrelated:
      return 0.8 * wandering_ + 0.6 * traffic_.normal();
    case Quiet::bursty:
      return traffic_.normal() + burst_;
    case Quiet::heavy_tails:
      return student4(traffic_) / std::numbers::sqrt2;
    case Quiet::seasonal:
    case Quiet::season_change: {
      size_t local = index_;
      double depth = 1.5;
      if (kind_ == Quiet::season_change && index_ >= kClocksChange) local += 12;
      if (kind_ == Quiet::season_change && index_ >= kHabitsChange) depth *= 0.6;
      return traffic_.normal() + depth * std::cos(2 * kPi * (static_cast<double>(local % kDay) / kDay - 16.0 / 24));
    }
    default:
      return traffic_.normal();
  }
}

Observation QuietSeries::latency(double n, double change) {
  const double level = level_ * std::exp(0.05 * change);
  if (n >= 60) return traffic_.value_window(level, n, 0.8, 0);
  // The mean of n skewed values, which tell of its error themselves.
  double sum = 0;
  double squares = 0;
  for (double i = 0; i < n; ++i) {
    const double value = level * std::exp(0.6 * traffic_.normal() - 0.18);
    sum += value;
    squares += value * value;
  }
  const double average = sum / n;
  const double variance = n > 1 ? std::max(0.0, (squares / n - average * average) / (n - 1)) : average * average;
  return mean(average, std::sqrt(variance), n);
}

Observation QuietSeries::rate_of(double n, double change) {
  const double logit = std::log(share_ / (1 - share_)) + 0.15 * change;
  return rate(binomial(traffic_, n, 1 / (1 + std::exp(-logit))), n);
}

const std::vector<Observation>& QuietSeries::next() {
  const double usual = volume();
  const double change = variation();
  seen_.clear();
  if (index_++ < birth_) {
    seen_.push_back(nothing(MeasureKind::distribution));
    if (shape_ == Shape::latency_and_rate) seen_.push_back(nothing(MeasureKind::rate));
    return seen_;
  }
  const double n = std::max(kind_ == Quiet::few_data ? 10.0 : 1.0, traffic_.poisson(usual));
  if (shape_ == Shape::count) {
    const double k = traffic_.poisson(usual * std::exp(0.1 * change));
    seen_.push_back(k > 0 ? count(k) : nothing(MeasureKind::sum));
  }
  if (shape_ == Shape::latency || shape_ == Shape::latency_and_rate) seen_.push_back(latency(n, change));
  if (shape_ == Shape::rate || shape_ == Shape::latency_and_rate) seen_.push_back(rate_of(n, change));
  return seen_;
}

double asked_bits() { return threshold_bits(FalseAlarmBudget{}, kFiveMinutes); }

QuietWatch::QuietWatch(std::string_view detector, size_t observations, Direction direction)
    : detector_(make_detector(detector, {}, observations).value()) {
  if (observations > 1)
    worse_.assign(observations, direction);
  else
    context_.direction = direction;
  rule_.name = detector;
  rule_.needs = {asked_bits(), 0, 0};
}

Verdict QuietWatch::judge(const Window& window) {
  context_.worse = worse_;
  const Verdict claimed = detector_->score(window, context_);
  Verdict verdict = claimed;
  calibration_.apply(verdict);
  const auto is_new = [](const std::optional<Transition>& t) {
    return t && t->kind == Transition::Kind::fired && !t->is_reopened;
  };
  alarms_.calibrated += is_new(lifecycle_.step(rule_, "quiet", window.start, window.width, verdict)) ? 1 : 0;
  alarms_.fixed += is_new(fixed_.step(rule_, "quiet", window.start, window.width, claimed)) ? 1 : 0;
  if (verdict.judgement == Judgement::scored)
    calibration_.learn(claimed.surprise, rule_.needs.surprise, lifecycle_.is_firing());
  detector_->learn(window, lifecycle_.decision());
  return claimed;
}

Alarms watch_quiet(Quiet kind, size_t index, size_t weeks) {
  using Shape = QuietSeries::Shape;
  constexpr Shape kShapes[] = {Shape::latency, Shape::rate, Shape::count};
  constexpr std::string_view kDetectors[] = {"point", "shift", "point", "multivariate"};
  const bool is_multivariate = index % 4 == 3;
  const Shape shape = is_multivariate ? Shape::latency_and_rate : kShapes[index / 4 % 3];
  const bool is_volume = shape == Shape::count && (kind == Quiet::bursty || kind == Quiet::launches);
  const Direction direction = is_volume                                   ? Direction::down
                              : shape == Shape::latency && index % 4 == 2 ? Direction::either
                                                                          : Direction::up;
  QuietWatch watch(is_volume ? "gap" : kDetectors[index % 4], is_multivariate ? 2 : 1, direction);
  QuietSeries series(kind, shape, 1000 * static_cast<uint64_t>(kind) + index + 1);
  for (size_t i = 0; i < weeks * kWeek; ++i) watch.judge(window_at(i, series.next()));
  return watch.alarms();
}

}  // namespace tidewatch::testing
