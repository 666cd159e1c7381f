#include "detectors/detect/trend.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/detect/series.h"
#include "detectors/detect/tail.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// What "days differ by chance only" and "days do not depend on each other" are worth before any day is seen.
constexpr double kPriorResiduals = 10;
constexpr double kPriorProducts = 20;
constexpr double kMostPersistence = 0.8;
// Variance beyond chance, in units of chance, that leaves a correlation of days unbelieved to one half.
constexpr double kLeastBeyond = 0.1;
// The best of many slopes takes some of the newest residual: mean square 0.88 where it should be 1 (trend_test.cc).
constexpr double kSelection = 1 / 0.88;
constexpr double kResidualHalfLife = 60;
// A day further out than this says nothing more of how much days differ.
constexpr double kMostResidual = 4;

}  // namespace

Status TrendParams::check() const {
  if (history >= shortest + 3 && history >= warm_up) return ok_status();
  return Error{"bad_value", "history: must be at least warm_up, and at least 3 more than shortest"};
}

Trend::Trend(const Params& params, size_t observations)
    : params_(params), levels_(params.history), clock_(params.period) {
  static_cast<void>(observations);
}

size_t Trend::periods_with_data() const {
  return static_cast<size_t>(
      std::count_if(levels_.begin(), levels_.end(), [](const PeriodLevel& level) { return level.variance > 0; }));
}

RampQuestion Trend::question() const {
  const double spread = std::max(1.0, (kPriorResiduals + kSelection * squares_) / (kPriorResiduals + residuals_));
  // What days share with the day before is part of what they differ by beyond chance.
  const double beyond_chance = spread - 1;
  const double shared = products_ / (residuals_ + kPriorProducts);
  const double persistence = std::clamp(shared / (beyond_chance + kLeastBeyond), 0.0, kMostPersistence);
  return {.shortest = params_.shortest,
          .cycle = params_.cycle,
          .dispersion = 1 + beyond_chance * (1 + persistence) / (1 - persistence),
          .degrees_of_freedom = kPriorResiduals + residuals_};
}

Verdict Trend::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (window.observations.empty() || !is_usable(window.observations[0])) return verdict;
  verdict.value = window.observations[0].value;
  verdict.judgement = Judgement::warming_up;
  if (!fit_.is_known) return verdict;
  const Tail tail{fit_.p_down, fit_.p_up};
  if (warm()) verdict.judgement = Judgement::scored;
  if (!fit_.is_over) verdict.surprise = surprise_of(tail.p_value(context.direction));
  verdict.value = fit_.now;
  verdict.expected = fit_.before;
  verdict.expected_low = fit_.before - 1.96 * fit_.before_error;
  verdict.expected_high = fit_.before + 1.96 * fit_.before_error;
  verdict.effect_absolute = fit_.now - fit_.before;
  verdict.effect = relative_effect(fit_.now, fit_.before);
  verdict.direction = fit_.now >= fit_.before ? Direction::up : Direction::down;
  const double windows = static_cast<double>(fit_.periods) * to_seconds(params_.period) / to_seconds(window.width);
  if (windows > 0) verdict.since_windows = static_cast<uint32_t>(std::min(windows, 4e9));
  return verdict;
}

void Trend::learn(const Window& window, const Decision& decision) {
  if (decision.confirmed_normal) forget();
  const auto begun = clock_.begin(window);
  if (begun.ended < 0) return;
  end_periods(begun);
  // Anomalous windows count in full: a trend is there for longer than anybody would leave it out.
  if (!window.observations.empty()) filling_.add(window.observations[0], decision.weight);
  end_periods(clock_.end(window));
}

void Trend::end_periods(PeriodClock::Step step) {
  if (step.ended == 0) return;
  const auto level = step.is_whole ? filling_.level() : std::nullopt;
  filling_ = {};
  // Of the periods after it nothing was seen at all.
  const auto passed = static_cast<std::ptrdiff_t>(std::min<int64_t>(step.ended, params_.history));
  std::rotate(levels_.begin(), levels_.begin() + passed, levels_.end());
  std::fill(levels_.end() - passed, levels_.end(), PeriodLevel{});
  if (level && step.ended <= params_.history) *(levels_.end() - passed) = PeriodLevel{level->value, level->variance};
  if (step.ended > 1) fit_ = {};  // what was said was said of long ago
  if (step.ended > 1 || !level) return;
  fit_ = ramp_fit(levels_, question());
  learn_dispersion();
}

void Trend::learn_dispersion() {
  if (!fit_.is_known) return;
  const double residual = std::clamp(fit_.newest_residual, -kMostResidual, kMostResidual);
  const double kept = std::exp2(-1 / kResidualHalfLife);
  squares_ = kept * squares_ + residual * residual;
  products_ = kept * products_ + residual * last_residual_;
  residuals_ = kept * residuals_ + 1;
  last_residual_ = residual;
}

void Trend::forget() {
  std::fill(levels_.begin(), levels_.end(), PeriodLevel{});
  fit_ = {};
}

void Trend::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint32_t>(levels_.size()));
  for (const PeriodLevel& level : levels_) {
    out.put(level.value);
    out.put(level.variance);
  }
  out.put(static_cast<uint8_t>(fit_.is_known ? 1 : 0));
  out.put(static_cast<uint8_t>(fit_.is_over ? 1 : 0));
  out.put(static_cast<uint32_t>(fit_.periods));
  for (const double value : {fit_.p_up, fit_.p_down, fit_.before, fit_.before_error, fit_.now, fit_.newest_residual})
    out.put(value);
  clock_.save(out);
  out.put(static_cast<uint8_t>(filling_.is_rate ? 1 : 0));
  for (const double value :
       {filling_.weight, filling_.sum, filling_.variance, squares_, products_, residuals_, last_residual_})
    out.put(value);
}

Status Trend::load(ByteReader& in) {
  const auto version = in.get<uint8_t>();
  if (in.ok() && version != kVersion) return Error{"unknown_version", "trend: not a version this build can read"};
  if (in.get<uint32_t>() != levels_.size()) return Error{"corrupt", "trend: its state is of another history"};
  Trend read(params_, 1);
  bool good = true;
  const auto get = [&](double& value, double least, double most) {
    value = in.get<double>();
    good = good && value >= least && value <= most;
  };
  constexpr double kAny = std::numeric_limits<double>::max();
  for (PeriodLevel& level : read.levels_) {
    get(level.value, -kAny, kAny);
    get(level.variance, 0, kAny);
  }
  const auto flag = [&](bool& value) {
    const auto byte = in.get<uint8_t>();
    good = good && byte <= 1;
    value = byte == 1;
  };
  flag(read.fit_.is_known);
  flag(read.fit_.is_over);
  read.fit_.periods = in.get<uint32_t>();
  get(read.fit_.p_up, 0, 1);
  get(read.fit_.p_down, 0, 1);
  get(read.fit_.before, -1e150, 1e150);
  get(read.fit_.before_error, 0, 1e150);
  get(read.fit_.now, -1e150, 1e150);
  get(read.fit_.newest_residual, -kAny, kAny);
  good = read.clock_.load(in) && good;
  flag(read.filling_.is_rate);
  get(read.filling_.weight, 0, kAny);
  get(read.filling_.sum, -kAny, kAny);
  get(read.filling_.variance, 0, kAny);
  get(read.squares_, 0, kAny);
  get(read.products_, -kAny, kAny);
  get(read.residuals_, 0, kAny);
  get(read.last_residual_, -kMostResidual, kMostResidual);
  if (!in.ok()) return Error{"corrupt", "trend: its state is cut off"};
  if (!good || read.fit_.periods > levels_.size()) return Error{"corrupt", "trend: its state is out of range"};
  levels_ = std::move(read.levels_);
  fit_ = read.fit_;
  clock_ = read.clock_;
  filling_ = read.filling_;
  squares_ = read.squares_;
  products_ = read.products_;
  residuals_ = read.residuals_;
  last_residual_ = read.last_residual_;
  return ok_status();
}

}  // namespace tidewatch
