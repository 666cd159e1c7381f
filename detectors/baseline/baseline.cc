#include "detectors/baseline/baseline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 3;  // 2: spread by hour, lag, what is carried from window to window, the spread of a run
constexpr uint8_t kBeforeBorrowing = 2;  // can still be read
// Pseudo-events at the expected value that tame the logarithm of small counts; the residual is rescaled to slope 1.
constexpr double kTamingEvents = 5;
// A visit of an hour is worth this many independent windows at most: windows of one hour resemble each other.
constexpr double kIndependentByVisit = 3;
constexpr double kSquaresByVisit = 6;  // their squares do so less
// The variance of single values is pooled over windows; a window's own estimate counts by its n against this many.
constexpr double kPooledObservations = 20;
// The new level is the mean of this many last anomalous windows, of which each moves it by so many of the old standard
// deviations or of their own at most: single extremes on either side must not become the level.
constexpr double kRunMemory = 36;
constexpr double kRunFinding = 9;  // windows until their own deviation is believed
constexpr double kRunStep = 4;
constexpr double kRunReach = 2;
constexpr double kDeviationToSigma = 1.2533;  // sqrt(pi / 2): of a normal variable's mean absolute deviation
constexpr double kClip = 4;                   // standard deviations a single window may claim of the spread
constexpr double kLargestSpread = 1e120;      // its square is finite
constexpr double kWiderFrom = 2;              // times the variance that was expected

/// Typical natural variation before any is seen: between windows, and between hours of the day.
struct Priors {
  double spread;
  double hours;
};
constexpr Priors priors_of(MeasureKind kind) {
  switch (kind) {
    case MeasureKind::rate:
      return {0.25, 0.25};
    case MeasureKind::sum:
    case MeasureKind::distinct:
      return {0.3, 0.6};
    default:
      return {0.15, 0.15};
  }
}

double square(double x) { return x * x; }

}  // namespace

double Baseline::smallest_variance(const BaselineParams& params) const {
  const double unit = scale_ == Scale::identity ? std::max(std::abs(level_.location()), 1e-9) : 1.0;
  return square(std::max(params.min_spread, 1e-6) * unit);
}

double Baseline::sampling_variance_of(const Observation& size_of, double expected) const {
  const double n = size_of.missing() ? 1.0 : size_of.n;
  if (kind_ == MeasureKind::distinct) {
    // The sketch's error, and who happens to come: arrivals are Poisson at best.
    const double value = std::max(size_of.missing() ? expected : size_of.value, 1.0);
    return std::max(size_of.variance, 0.0) / square(value) + 1.0 / std::max(expected, 0.5);
  }
  double own = std::max(size_of.variance, 0.0) * n;
  if (scale_ == Scale::log) own /= std::max(square(size_of.value), 1e-300);
  if (size_of.missing() || !std::isfinite(own)) own = unit_variance_;
  return (n * own + kPooledObservations * unit_variance_) / (n + kPooledObservations) / n;
}

/// What a rate's trials or a sum's events tell of the location, were it this one. Pre: kind is one of the two.
double Baseline::information_at(double location, const Observation& size_of) const {
  const double value = from_scale(scale_, location);
  if (kind_ == MeasureKind::sum) return std::max(value / std::exp(log_unit_size_), 1e-12);
  return std::max((size_of.missing() ? 1.0 : size_of.trials) * value * (1 - value), 1e-12);
}

Prediction Baseline::predict(const BaselineParams& params, const Observation& size_of, SeasonSlot slot) const {
  return predict_beside(params, size_of, slot, {}, 0);
}

Prediction Baseline::forecast(const BaselineParams& params, const Observation& size_of, SeasonSlot slot,
                              double ahead) const {
  const auto carried = carry_.expect(ahead, usual_variance(params));
  Prediction out = predict_beside(params, size_of, slot, carried, ahead);
  if (!out.known) return out;
  // What a forecast of the next window knows is gone when what is carried is.
  const double near = ahead <= 1 ? 1.0 : carry_.left(ahead - 1);
  const double stretch = near * next_.stretch() + (1 - near) * later_.stretch();
  out.process_variance = std::max(square(stretch) * out.total_variance() - out.sampling_variance - out.level_variance,
                                  smallest_variance(params));
  return out;
}

double Baseline::usual_variance(const BaselineParams& params) const {
  return std::max(spread_.variance(), smallest_variance(params));
}

double Baseline::process_variance(const BaselineParams& params, SeasonSlot slot) const {
  return std::max(spread_.variance() * (params.season ? hourly_.factor(slot.hour) : 1.0), smallest_variance(params));
}

Prediction Baseline::predict_beside(const BaselineParams& params, const Observation& size_of, SeasonSlot slot,
                                    Carry::Latent carried, double ahead) const {
  Prediction out;
  out.kind = kind_;
  out.scale = scale_;
  out.known = level_.started() && (size_of.missing() || size_of.kind == kind_);
  if (!out.known) return out;
  const SeasonEffect season = params.season ? season_.effect(slot) : SeasonEffect{};
  const double process = process_variance(params, slot);
  // A level that lags by its mean error moves on by its gain's share of that in each window.
  const double moved = 1 + level_.gain(process) * ahead;
  out.location = level_.location() + moved * lag_.expected(params.half_life) + season.location + carried.deviation;
  out.expected = from_scale(scale_, out.location);
  out.season_variance = season.variance;
  out.level_variance = level_.variance() + square(moved) * lag_.variance() + season.variance;
  out.process_variance = std::max(process * (1 - carried.known_share), smallest_variance(params));
  if (kind_ == MeasureKind::rate || kind_ == MeasureKind::sum) {
    if (kind_ == MeasureKind::sum) out.unit_size = std::exp(log_unit_size_);
    out.information = information_at(out.location, size_of);
    out.sampling_variance = 1.0 / out.information;
  } else {
    out.sampling_variance = sampling_variance_of(size_of, out.expected);
  }
  // Few values are not normal either: their part of the variance is worth about n degrees of freedom (Satterthwaite).
  const double total = out.total_variance();
  double inverse = 1.0 / spread_.degrees_of_freedom(total);
  if (kind_ == MeasureKind::distribution && !size_of.missing())
    inverse += square(out.sampling_variance / total) / std::max(size_of.n, 2.0);
  out.degrees_of_freedom = std::clamp(1.0 / inverse, 3.0, 200.0);
  return out;
}

double Baseline::residual(const Prediction& prediction, const Observation& seen) const {
  const double j = prediction.information;
  if (kind_ == MeasureKind::rate) {
    const double p = prediction.expected;
    const double q = 1 - p;
    const double difference = (seen.successes - seen.trials * p) / (seen.trials + kTamingEvents / (p * q));
    const double tamed = std::log1p(difference / p) - std::log1p(-difference / q);
    // The second term is the mean of the curvature of the logit: without it the level would creep.
    return tamed * (j + kTamingEvents) / j +
           0.5 * (q - p) * (1 + j * prediction.process_variance) / (j + kTamingEvents);
  }
  if (kind_ == MeasureKind::sum) {
    const double difference = (seen.value - prediction.expected) / prediction.unit_size;
    const double tamed = std::log1p(std::max(difference / (j + kTamingEvents), -0.999999));
    return tamed * (j + kTamingEvents) / j + 0.5 * (1 + j * prediction.process_variance) / (j + kTamingEvents);
  }
  const double value = scale_ == Scale::log ? std::max(seen.value, 1e-100) : seen.value;
  return to_scale(scale_, value) - prediction.location;
}

void Baseline::start(const BaselineParams& params, const Observation& seen) {
  kind_ = seen.kind;
  const Priors priors = priors_of(kind_);
  scale_ = initial_scale(kind_);
  // Of a share the distance from 1 says as much as that from 0: ratios do not. Nor is there a logarithm of 0.
  if (kind_ == MeasureKind::distribution && (seen.domain.is_bounded() || !(seen.value > 0))) scale_ = Scale::identity;
  double location = seen.value;
  double unit = 1;
  if (kind_ == MeasureKind::rate) {
    location = to_scale(scale_, (seen.successes + 0.5) / (seen.trials + 1));
  } else if (kind_ == MeasureKind::sum) {
    const double size = seen.events > 0 && seen.value > 0 ? seen.value / seen.events : 1.0;
    log_unit_size_ = std::log(size);
    location = std::log(std::max(seen.value, 0.5 * size));
  } else if (scale_ == Scale::log) {
    location = to_scale(scale_, std::max(seen.value, 0.5 * (kind_ == MeasureKind::distinct)));
  } else {
    unit = std::max({std::abs(seen.value), std::sqrt(std::max(seen.variance, 0.0) * seen.n), 1e-3});
  }
  season_ = Season(priors.hours * unit);
  spread_ = Spread(square(priors.spread * unit));
  level_.start(location, square(unit));
  if (kind_ == MeasureKind::distribution) {
    // Zero variance means exactly known values, as in plain time series; otherwise values spread like their size.
    unit_variance_ = seen.variance > 0 ? square(unit) : 0;
    unit_weight_ = 5;
    learn_sizes(seen, 1, params.half_life);
  }
  const Prediction first = predict(params, seen, {});
  level_.start(location, first.sampling_variance + first.process_variance);
}

void Baseline::leave_log_scale() {
  const double factor = std::exp(std::clamp(level_.location(), -kMaxLog, kMaxLog));  // d value / d log value
  const double variance = level_.variance();
  level_.start(factor, variance * square(factor));
  season_.rescale(factor);
  spread_.rescale(square(factor));
  lag_.rescale(1 / factor);
  unit_variance_ *= square(factor);
  run_residual_ *= factor;
  run_spread_ *= factor;
  scale_ = Scale::identity;
}

void Baseline::learn_sizes(const Observation& seen, double weight, double half_life) {
  const double decay = std::exp2(-1.0 / half_life);
  if (kind_ == MeasureKind::sum && seen.events > 0 && seen.value > 0) {
    const double share = weight * std::max(1 - decay, 1.0 / (2 + windows_));
    log_unit_size_ += share * (std::log(seen.value / seen.events) - log_unit_size_);
  } else if (kind_ == MeasureKind::distribution) {
    double own = std::max(seen.variance, 0.0) * seen.n;
    if (scale_ == Scale::log) own /= square(seen.value);
    if (!std::isfinite(own)) return;
    const double counts = weight * std::min(seen.n, 100.0);
    unit_weight_ = decay * unit_weight_ + counts;
    // One window cannot claim more than nine times the pooled variance beyond its own start.
    if (windows_ > 8 && unit_variance_ > 0) own = std::min(own, 9 * unit_variance_);
    if (unit_weight_ > 0) unit_variance_ += counts / unit_weight_ * (own - unit_variance_);
  }
}

/// A linearised step never passes the value that was seen, nor does a new level: far from the level the residual of a
/// count overstates the distance. A level that lies already below what none can tell (0.5 events) may sink further.
double Baseline::reach_of(const Prediction& expected, const Observation& seen, double residual_seen) const {
  double target = expected.location + residual_seen;
  if (kind_ == MeasureKind::rate) target = to_scale(scale_, (seen.successes + 0.5) / (seen.trials + 1));
  if (kind_ == MeasureKind::sum) target = std::log(std::max(seen.value, 0.5 * expected.unit_size));
  const double distance = target - expected.location;
  const bool is_beyond =
      distance * residual_seen <= 0 && (seen.value <= 0 || (kind_ == MeasureKind::rate && seen.value >= 1));
  return is_beyond ? std::abs(residual_seen) : std::abs(distance);
}

/// What an anomalous window may say of a new level, relative to what those before it said. The first ones find it, or
/// at least its half; then they are bounded by how they vary.
double Baseline::bounded_run_step(double step, double noise) const {
  if (!(run_ > 0)) return step;
  const double own = run_ < kRunFinding ? std::abs(run_residual_) / 2 : kRunReach * kDeviationToSigma * run_spread_;
  const double most = std::max(kRunStep * std::sqrt(noise), own);
  return std::clamp(step, -most, most);
}

bool Baseline::adapt(const BaselineParams& params, double residual_seen, double noise, Lesson lesson) {
  if (!lesson.anomalous) run_ = std::max(0.0, run_ - 1);
  if (lesson.anomalous || (lesson.confirmed_normal && run_ <= 0)) {
    // The side is that of the mean: single windows of a change smaller than their noise lie on both.
    const double before = run_ > 0 ? run_residual_ : 0;
    const double step = bounded_run_step(residual_seen - before, noise);
    run_ += 1;
    // In the first window nothing is known of how they vary.
    if (before != 0) run_spread_ += (std::abs(step) - run_spread_) / std::min(run_, kRunMemory);
    run_residual_ = before + step / std::min(run_, kRunMemory);
    if (before * run_residual_ < 0) {
      run_ = 1;
      run_residual_ = residual_seen;
      run_spread_ = 0;
    }
  }
  if (!lesson.confirmed_normal && run_ < params.adapt_after) return false;
  level_.start(level_.location() + lag_.expected(params.half_life) + run_residual_,
               noise / std::min(run_, kRunMemory / 4) + level_.variance());
  // A new level may vary more than the old one did; that it varies less is learnt soon enough.
  const double variance = square(kDeviationToSigma * run_spread_);
  if (variance > kWiderFrom * noise) spread_.restart(variance);
  run_ = 0;
  run_residual_ = 0;
  run_spread_ = 0;
  carry_.restart();
  lag_.restart();
  return true;
}

bool Baseline::learn(const BaselineParams& params, const Observation& seen, SeasonSlot slot, Duration width,
                     Lesson lesson) {
  if (seen.missing() || !std::isfinite(seen.value)) {
    if (level_.started()) level_.forget(params.half_life, 25 * spread_.variance());
    carry_.pass();
    return false;
  }
  if (seen.kind == MeasureKind::composition || (seen.kind == MeasureKind::rate && !(seen.trials > 0))) return false;
  if (!level_.started()) start(params, seen);
  if (seen.kind != kind_) return false;
  if (kind_ == MeasureKind::distribution && scale_ == Scale::log && !(seen.value > 0)) leave_log_scale();

  level_.forget(params.half_life, 25 * spread_.variance());
  const Prediction expected = predict(params, seen, slot);
  const double e = residual(expected, seen);
  windows_ += 1;
  const double reach = reach_of(expected, seen, e);
  double noise = expected.sampling_variance + expected.process_variance;
  if (kind_ == MeasureKind::rate || kind_ == MeasureKind::sum) {
    // Curvature where the step ends, not where it starts: no events where 100 were expected say that there are few,
    // and not that there are 4 ± 0.1.
    const double whole_step =
        std::clamp(expected.level_variance / (expected.level_variance + noise) * e, -reach, reach);
    noise = std::max(noise, 1.0 / information_at(expected.location + whole_step, seen) + expected.process_variance);
  }
  if (adapt(params, std::clamp(e, -reach, reach), noise, lesson)) return true;
  const double weight = std::clamp(lesson.weight, 0.0, 1.0);
  if (!(weight > 0)) return false;
  const double bounded = std::clamp(e, -reach, reach);
  // In units of all hours: what lasts does not jump where the spread of an hour ends.
  const double usual = usual_variance(params);
  judge_forecasts(expected, seen, bounded, carry_.expect(1, usual));
  carry_.learn(bounded, usual, std::max(noise - expected.process_variance, 0.0));

  // The level is moved by its own error, as if nothing were known of its lag: that error is what shows the lag.
  const double lag = lag_.expected(params.half_life);
  const double others_variance = expected.level_variance - level_.variance();
  const double gain = level_.gain(others_variance + noise / weight);
  level_.move(std::clamp(gain * (e + lag), std::min(-reach + lag, 0.0), std::max(reach + lag, 0.0)), gain);
  lag_.learn(e + lag, expected.level_variance + noise, weight, params.half_life);
  const double visits = std::max(1.0, 3600.0 / std::max(to_seconds(width), 1e-9));
  if (params.season) {
    const double decay = std::exp2(-1.0 / (params.season_half_life * visits));
    const double share = std::min(1.0, kIndependentByVisit / visits);
    season_.learn(slot, expected.location - lag - level_.location() + e, share * weight / noise, decay);
  }
  learn_spread(params, expected, e, slot, visits, weight);
  learn_sizes(seen, weight, params.half_life);
  return false;
}

/// Whether the intervals of forecasts held, by the residual and its Student-t quantile (Cornish-Fisher). A residual of
/// no events is bounded and tells little: there the negative binomial's probability of none decides.
void Baseline::judge_forecasts(const Prediction& expected, const Observation& seen, double residual_seen,
                               Carry::Latent carried) {
  constexpr double z = 1.959964;
  constexpr double kNone = 3.688879;  // -log(0.025)
  const double dof = expected.degrees_of_freedom;
  const double reach =
      z + (z * z * z + z) / (4 * dof) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * dof * dof);
  const auto judge = [&](Coverage& coverage, Carry::Latent known) {
    const double variance = std::max(expected.total_variance() - known.known_share * expected.process_variance, 0.0);
    const double stretched = variance * square(coverage.stretch());
    if (kind_ == MeasureKind::sum && !(seen.value > 0)) {
      // The gamma whose logarithm has this variance, expanded to second order.
      const double shape = 1.0 / std::max(stretched - expected.sampling_variance, 1e-9) + 0.5;
      const double mean = expected.information * std::exp(known.deviation);
      return coverage.learn(shape * std::log1p(mean / shape) > kNone);
    }
    coverage.learn(std::abs(residual_seen - known.deviation) > reach * std::sqrt(stretched));
  };
  judge(next_, carried);
  judge(later_, {});
}

void Baseline::learn_spread(const BaselineParams& params, const Prediction& expected, double residual_seen,
                            SeasonSlot slot, double visits, double weight) {
  const double explained = expected.sampling_variance + expected.level_variance;
  // The spread of all hours is learnt as if they varied alike: hours are compared with it, so it must not follow them.
  if (params.season) {
    const double usual = usual_variance(params);
    const double process = usual * hourly_.factor(slot.hour);
    const double total = explained + process;
    const double squared = std::min(square(residual_seen), square(kClip) * total);
    const double share = std::min(1.0, kSquaresByVisit / visits) * square(process / total);
    hourly_.learn(slot.hour, (squared - explained) / usual, share * weight,
                  std::exp2(-1.0 / (7 * params.season_half_life * visits)));
  }
  spread_.learn(residual_seen, explained, weight, params.half_life);
}

void Baseline::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint8_t>(kind_));
  out.put(static_cast<uint8_t>(scale_));
  out.put(static_cast<uint8_t>(is_borrowed_));
  level_.save(out);
  season_.save(out);
  spread_.save(out);
  hourly_.save(out);
  lag_.save(out);
  carry_.save(out);
  next_.save(out);
  later_.save(out);
  for (const double value : {unit_variance_, unit_weight_, log_unit_size_, windows_, run_, run_residual_, run_spread_})
    out.put(value);
}

Status Baseline::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (version != kVersion && version != kBeforeBorrowing)
    return Error{"unknown_version", "baseline: not a version this build can read"};
  const auto kind = in.get<uint8_t>();
  const auto scale = in.get<uint8_t>();
  const auto borrowed = version == kBeforeBorrowing ? uint8_t{0} : in.get<uint8_t>();
  bool good = kind <= static_cast<uint8_t>(MeasureKind::composition) && scale <= static_cast<uint8_t>(Scale::logit) &&
              borrowed <= 1;
  is_borrowed_ = borrowed == 1;
  kind_ = good ? static_cast<MeasureKind>(kind) : MeasureKind::distribution;
  scale_ = good ? static_cast<Scale>(scale) : Scale::log;
  good = good && level_.load(in) && season_.load(in) && spread_.load(in) && hourly_.load(in) && lag_.load(in) &&
         carry_.load(in) && next_.load(in) && later_.load(in);
  for (double* value :
       {&unit_variance_, &unit_weight_, &log_unit_size_, &windows_, &run_, &run_residual_, &run_spread_}) {
    *value = in.get<double>();
    good = good && std::isfinite(*value);
  }
  good = good && run_spread_ >= 0 && run_spread_ <= kLargestSpread;
  if (!good || !in.ok()) return Error{"corrupt", "baseline: its state is cut off or not finite"};
  return ok_status();
}

}  // namespace tidewatch
