#include "detectors/detect/subspace.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "detectors/core/special_functions.h"
#include "detectors/detect/strongest_measure.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Windows after which a level is known well enough for its scores to be learnt from.
constexpr double kSettled = 36;
constexpr uint32_t kWindowsByFit = 24;
// Independent statistics that "as they should be" is worth before any is seen.
constexpr double kPriorStatistics = 20;
// Largest statistic, by what it should be, that is learnt.
constexpr double kLearntAtMost = 30;
constexpr double kLeastMean = 0.4;
// The average is unusual, and a run goes on, while fewer than this share lie further out.
constexpr double kUsualShare = 0.3;
constexpr double kAnomalousWeight = 0.02;

bool is_of_average(size_t statistic) { return statistic >= 2; }

}  // namespace

void Subspace::Average::take(const Eigen::VectorXd& scores, double smoothing) {
  constexpr double kMost = DeviationRun::kBound;
  mean += smoothing * (scores.cwiseMax(-kMost).cwiseMin(kMost) - mean);
  squares = (1 - smoothing) * (1 - smoothing) * squares + smoothing * smoothing;
}

size_t Subspace::Tests::strongest() const {
  return static_cast<size_t>(std::min_element(p_values.begin(), p_values.end()) - p_values.begin());
}

Subspace::Subspace(const Params& params, size_t observations)
    : params_(params),
      series_(std::max<size_t>(observations, 1)),
      correlation_(static_cast<Index>(series_.size())),
      directions_(static_cast<Index>(series_.size())),
      average_(static_cast<Index>(series_.size())),
      run_(static_cast<Index>(series_.size())) {}

/// Independent windows behind the covariances: the mean of the pairs that were seen at all.
double Subspace::known_windows() const {
  double sum = 0;
  double pairs = 0;
  const auto size = static_cast<Index>(series_.size());
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j <= i; ++j)
      if (const double windows = correlation_.windows(i, j); windows > 0) {
        sum += windows;
        pairs += 1;
      }
  return pairs > 0 ? sum / pairs : 0;
}

Subspace::Usual Subspace::usual(size_t which, double freedom, double baseline_error) const {
  // The error of the baseline is the same in all windows of an average; what they do not share averages out.
  const bool is_average = is_of_average(which) && average_.squares > 0;
  const double expected = is_average ? 1 + baseline_error / average_.squares : 1;
  const double prior = kPriorStatistics * (is_average ? 1 / params_.smoothing : 1);
  Usual out;
  out.mean = std::max(kLeastMean, (prior * expected + sums_[which]) / (prior + weight_));
  const double seen = weight_ > 0 ? sums_[which] / weight_ : 0;
  const double varied = weight_ > 0 ? std::max(0.0, squares_[which] / weight_ - seen * seen) : 0;
  const double variance = (prior * 2 / freedom * out.mean * out.mean + weight_ * varied) / (prior + weight_);
  out.freedom = std::min(freedom, 2 * out.mean * out.mean / variance);
  return out;
}

Subspace::Tests Subspace::test(const PrincipalDirections::Filled& filled, const Average& average,
                               const ScoreVector& seen) const {
  Tests out;
  out.statistics[0] = directions_.within(filled);
  out.statistics[1] = directions_.residual(filled);
  if (average.squares > 0) {
    const PrincipalDirections::Filled mean{average.mean / std::sqrt(average.squares), correlation_.covariance()};
    out.statistics[2] = directions_.within(mean);
    out.statistics[3] = directions_.residual(mean);
  }
  const double denominator = known_windows() - static_cast<double>(directions_.count()) + 1;
  if (!(denominator > 1)) return out;
  const double baseline_error =
      seen.baseline_error.squaredNorm() / std::max(1.0, static_cast<double>(seen.known().size()));
  for (size_t i = 0; i < kStatistics; ++i)
    if (const ScaledStatistic& each = out.statistics[i]; each.freedom > 0) {
      const Usual of = usual(i, each.freedom, baseline_error);
      out.p_values[i] = fisher_upper(each.statistic / of.mean, of.freedom, denominator);
    }
  return out;
}

Verdict Subspace::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (std::none_of(window.observations.begin(), window.observations.end(), &is_usable)) return verdict;
  verdict.judgement = Judgement::warming_up;
  const ScoreVector seen = read_scores(params_, series_, window, kSettled);
  if (!seen.any) return verdict;
  if (warm()) verdict.judgement = Judgement::scored;
  const auto filled = PrincipalDirections::fill(seen.scores, correlation_.covariance());
  Average next = average_;
  next.take(filled.scores, params_.smoothing);
  const Tests tests = test(filled, next, seen);
  const size_t strongest = tests.strongest();
  const ScaledStatistic& statistic = tests.statistics[strongest];
  verdict.surprise = surprise_of(std::min(1.0, static_cast<double>(kStatistics) * tests.p_values[strongest]));
  verdict.since_windows = is_of_average(strongest) ? run_.windows() : 0;
  const Eigen::VectorXd parts =
      statistic.parts.size() > 0 ? statistic.parts : Eigen::VectorXd::Zero(seen.scores.size()).eval();
  describe_strongest(verdict, seen, parts, is_of_average(strongest) ? &run_ : nullptr, window);
  if (context.direction != Direction::either && context.direction != verdict.direction) verdict.surprise = 0;
  verdict.contributions = contributions_of(verdict.surprise, parts, statistic.statistic);
  return verdict;
}

void Subspace::follow_run(const ScoreVector& seen, const PrincipalDirections::Filled& filled) {
  const auto size = static_cast<Index>(series_.size());
  if (run_.windows() > 0 && run_.has_returned(seen, correlation_.covariance())) {
    average_ = Average(size);
    average_.take(filled.scores, params_.smoothing);
    run_ = DeviationRun(size);
    return;
  }
  const Tests tests = test(filled, average_, seen);
  if (std::min(tests.p_values[2], tests.p_values[3]) > kUsualShare)
    run_ = DeviationRun(size);
  else
    run_.add(seen);
}

void Subspace::learn(const Window& window, const Decision& decision) {
  const ScoreVector seen = read_scores(params_, series_, window, kSettled);
  if (seen.any) {
    const double weight = std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
    const auto filled = PrincipalDirections::fill(seen.scores, correlation_.covariance());
    average_.take(filled.scores, params_.smoothing);
    follow_run(seen, filled);
    if (weight > 0) {
      const Tests tests = test(filled, average_, seen);
      const double decay = std::exp2(-1.0 / params_.covariance_half_life);
      for (size_t i = 0; i < kStatistics; ++i) {
        const double bounded = std::min(tests.statistics[i].statistic, kLearntAtMost);
        sums_[i] = decay * sums_[i] + weight * bounded;
        squares_[i] = decay * squares_[i] + weight * bounded * bounded;
      }
      weight_ = decay * weight_ + weight;
    }
    correlation_.learn(seen.scores, weight, params_.covariance_half_life);
    windows_ += 1;
    if (++since_fit_ >= kWindowsByFit) {
      directions_.fit(correlation_.covariance());
      since_fit_ = 0;
    }
  }
  bool has_adapted = false;
  for (size_t i = 0; i < series_.size(); ++i) {
    const Observation none{};
    const Observation& observed = i < window.observations.size() ? window.observations[i] : none;
    if (!series_[i].learn(params_, observed, window, decision)) continue;
    average_.mean[static_cast<Index>(i)] = 0;
    has_adapted = true;
  }
  if (has_adapted) run_ = DeviationRun(static_cast<Index>(series_.size()));
}

size_t Subspace::memory_bytes() const {
  const size_t own = sizeof(Subspace) + series_.size() * sizeof(double) + correlation_.memory_bytes() -
                     sizeof(Correlation) + directions_.memory_bytes() - sizeof(PrincipalDirections) +
                     run_.memory_bytes() - sizeof(DeviationRun);
  return std::accumulate(series_.begin(), series_.end(), own,
                         [](size_t sum, const Series& series) { return sum + series.memory_bytes(); });
}

void Subspace::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint32_t>(series_.size()));
  for (const Series& series : series_) series.save(out);
  correlation_.save(out);
  directions_.save(out);
  run_.save(out);
  for (const double value : average_.mean) out.put(value);
  for (const auto* values : {&sums_, &squares_})
    for (const double value : *values) out.put(value);
  for (const double value : {average_.squares, weight_, windows_}) out.put(value);
  out.put(since_fit_);
}

Status Subspace::load(ByteReader& in) {
  const Error damaged{"corrupt", "subspace: its state is cut off or out of range"};
  const auto version = in.get<uint8_t>();
  const auto size = in.get<uint32_t>();
  if (!in.ok()) return damaged;
  if (version != kVersion) return Error{"unknown_version", "subspace: not a version this build can read"};
  if (size != series_.size())
    return Error{"corrupt", fmt::format("subspace: the state is of {} measures, not of {}", size, series_.size())};
  Subspace read(params_, series_.size());
  for (Series& series : read.series_)
    if (auto loaded = series.load(in); !loaded) return loaded;
  bool good = read.correlation_.load(in) && read.directions_.load(in) && read.run_.load(in);
  // An average of bounded scores.
  for (double& value : read.average_.mean) good = std::abs(value = in.get<double>()) <= DeviationRun::kBound && good;
  constexpr double kMost = 1e15;  // so that squares are finite
  const auto amount = [&](double& value) {
    value = in.get<double>();
    good = good && value >= 0 && value <= kMost;
  };
  for (auto* values : {&read.sums_, &read.squares_})
    for (double& value : *values) amount(value);
  for (double* value : {&read.average_.squares, &read.weight_, &read.windows_}) amount(*value);
  read.since_fit_ = in.get<uint32_t>();
  if (!good || !in.ok()) return damaged;
  series_ = std::move(read.series_);
  correlation_ = std::move(read.correlation_);
  directions_ = std::move(read.directions_);
  average_ = std::move(read.average_);
  run_ = std::move(read.run_);
  sums_ = read.sums_;
  squares_ = read.squares_;
  weight_ = read.weight_;
  windows_ = read.windows_;
  since_fit_ = read.since_fit_;
  return ok_status();
}

}  // namespace tidewatch
