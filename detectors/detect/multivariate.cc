#include "detectors/detect/multivariate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "detectors/detect/asked_sides.h"
#include "detectors/detect/strongest_measure.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 2;
// Independent averages that "no serial correlation" is worth before any is seen.
constexpr double kPriorAverages = 20;
// Largest T² by dimension that is learnt of the average's variation.
constexpr double kExcessBound = 9;
// Baselines that follow their windows leave averages that vary less than those of independent scores.
constexpr double kLeastInflation = 0.4;
// The average is unusual, and a run goes on, while fewer than this share of averages lie further out.
constexpr double kUsualShare = 0.3;
constexpr double kAnomalousWeight = 0.02;

QuadraticTest test_some(const Eigen::VectorXd& x, const Eigen::MatrixXd& covariance, std::span<const Direction> worse,
                        const std::vector<Eigen::Index>& which, double windows) {
  std::vector<Direction> sides;
  sides.reserve(which.size());
  for (const auto i : which) sides.push_back(worse[static_cast<size_t>(i)]);
  QuadraticTest test = quadratic_test(x(which), covariance(which, which), sides, windows);
  Eigen::VectorXd parts = Eigen::VectorXd::Zero(x.size());
  for (size_t at = 0; at < which.size(); ++at) parts[which[at]] = test.parts[static_cast<Eigen::Index>(at)];
  test.parts = std::move(parts);
  return test;
}

void save_vector(ByteWriter& out, const Eigen::VectorXd& values) {
  for (const double value : values) out.put(value);
}
bool load_vector(ByteReader& in, Eigen::VectorXd& values) {
  for (double& value : values) value = in.get<double>();
  return in.ok() && values.allFinite();
}

}  // namespace

Multivariate::Average::Average(Index size)
    : mean(Eigen::VectorXd::Zero(size)),
      baseline_error(Eigen::VectorXd::Zero(size)),
      weights(size),
      missing(static_cast<size_t>(size), 0) {}

void Multivariate::Average::take(const ScoreVector& seen, double smoothing) {
  constexpr double kBound = DeviationRun::kBound;
  const Index size = seen.scores.size();
  Eigen::VectorXd keep(size);
  Eigen::VectorXd gain(size);
  for (Index i = 0; i < size; ++i) {
    const bool is_missing = std::isnan(seen.scores[i]);
    keep[i] = is_missing ? 1 : 1 - smoothing;
    gain[i] = is_missing ? 0 : smoothing;
    mean[i] = keep[i] * mean[i] + (is_missing ? 0 : smoothing * std::clamp(seen.scores[i], -kBound, kBound));
    uint32_t& windows = missing[static_cast<size_t>(i)];
    windows = is_missing ? windows + 1 : 0;
    if (windows > 3 / smoothing) forget(i);
  }
  baseline_error = keep.cwiseProduct(baseline_error) + gain.cwiseProduct(seen.baseline_error);
  for (Index i = 0; i < size; ++i)
    for (Index j = 0; j <= i; ++j) weights.set(i, j, keep[i] * keep[j] * weights.at(i, j) + gain[i] * gain[j]);
}

void Multivariate::Average::forget(Index i) {
  mean[i] = 0;
  baseline_error[i] = 0;
  weights.set_row(i, 0);
  missing[static_cast<size_t>(i)] = 0;
}

Multivariate::Multivariate(const Params& params, size_t observations)
    : params_(params),
      series_(std::max<size_t>(observations, 1)),
      correlation_(static_cast<Index>(series_.size())),
      average_(static_cast<Index>(series_.size())),
      run_(static_cast<Index>(series_.size())) {}

bool Multivariate::warm() const {
  const auto count = std::count_if(series_.begin(), series_.end(), [&](const Series& s) { return s.warm(params_); });
  return static_cast<size_t>(count) >= std::min<size_t>(2, series_.size());
}

double Multivariate::inflation(const Average& average) const {
  // Before data: what windows do not share averages out, and the error of the baseline is the same in all of them.
  double expected = 0;
  double dimension = 0;
  for (Index i = 0; i < average.mean.size(); ++i) {
    if (!(average.weights.at(i, i) > 0)) continue;
    expected += 1 + average.baseline_error[i] * average.baseline_error[i] / average.weights.at(i, i);
    dimension += 1;
  }
  if (!(dimension > 0)) return 1;
  const double prior = kPriorAverages / params_.smoothing;
  return std::max(kLeastInflation, (prior * expected / dimension + excess_) / (prior + excess_weight_));
}

QuadraticTest Multivariate::test_window(const ScoreVector& seen, std::span<const Direction> worse) const {
  return test_some(seen.scores, correlation_.covariance(), worse, seen.known(), correlation_.effective_windows());
}

QuadraticTest Multivariate::test_average(const Average& average, std::span<const Direction> worse) const {
  std::vector<Index> which;
  for (Index i = 0; i < average.mean.size(); ++i)
    if (average.weights.at(i, i) > 0) which.push_back(i);
  const Eigen::MatrixXd covariance =
      correlation_.covariance().cwiseProduct(average.weights.square()) * inflation(average);
  return test_some(average.mean, covariance, worse, which, correlation_.effective_windows());
}

Verdict Multivariate::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (std::none_of(window.observations.begin(), window.observations.end(), &is_usable)) return verdict;
  verdict.judgement = Judgement::warming_up;
  const ScoreVector seen = read_scores(params_, series_, window, params_.warm_up);
  if (!seen.any) return verdict;
  verdict.judgement = warm() ? Judgement::scored : Judgement::warming_up;
  const auto sides = asked_sides(context, series_.size());
  Average next = average_;
  next.take(seen, params_.smoothing);
  const QuadraticTest single = test_window(seen, sides);
  const QuadraticTest moving = test_average(next, sides);
  const bool is_average = moving.p_value < single.p_value;
  const QuadraticTest& strongest = is_average ? moving : single;
  verdict.surprise = surprise_of(std::min(1.0, 2 * strongest.p_value));
  verdict.since_windows = is_average ? run_.windows() : 0;
  verdict.contributions = contributions_of(verdict.surprise, strongest.parts, strongest.statistic);
  describe_strongest(verdict, seen, strongest.parts, is_average ? &run_ : nullptr, window);
  return verdict;
}

void Multivariate::follow_run(const ScoreVector& seen) {
  const auto size = static_cast<Index>(series_.size());
  if (run_.windows() > 0 && run_.has_returned(seen, correlation_.covariance())) {
    average_ = Average(size);
    average_.take(seen, params_.smoothing);
    run_ = DeviationRun(size);
    return;
  }
  const std::vector<Direction> either(series_.size(), Direction::either);
  if (test_average(average_, either).p_value > kUsualShare)
    run_ = DeviationRun(size);
  else
    run_.add(seen);
}

void Multivariate::learn(const Window& window, const Decision& decision) {
  const ScoreVector seen = read_scores(params_, series_, window, params_.warm_up);
  if (seen.any) {
    const double weight = std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
    average_.take(seen, params_.smoothing);
    follow_run(seen);
    const std::vector<Direction> either(series_.size(), Direction::either);
    double dimension = 0;
    for (Index i = 0; i < average_.weights.size(); ++i) dimension += average_.weights.at(i, i) > 0 ? 1 : 0;
    if (dimension > 0 && weight > 0) {
      const double excess = test_average(average_, either).statistic * inflation(average_) / dimension;
      const double decay = std::exp2(-1.0 / params_.covariance_half_life);
      excess_ = decay * excess_ + weight * std::min(excess, kExcessBound);
      excess_weight_ = decay * excess_weight_ + weight;
    }
    correlation_.learn(seen.scores, weight, params_.covariance_half_life);
  }
  bool has_adapted = false;
  for (size_t i = 0; i < series_.size(); ++i) {
    const Observation none{};
    const Observation& observed = i < window.observations.size() ? window.observations[i] : none;
    if (!series_[i].learn(params_, observed, window, decision)) continue;
    average_.forget(static_cast<Index>(i));
    has_adapted = true;
  }
  if (has_adapted) run_ = DeviationRun(static_cast<Index>(series_.size()));
}

size_t Multivariate::memory_bytes() const {
  const size_t size = series_.size();
  const size_t own = sizeof(Multivariate) + 2 * size * sizeof(double) + average_.weights.memory_bytes() -
                     sizeof(Triangle) + size * sizeof(uint32_t) + run_.memory_bytes() - sizeof(DeviationRun);
  return std::accumulate(series_.begin(), series_.end(), own + correlation_.memory_bytes() - sizeof(Correlation),
                         [](size_t sum, const Series& series) { return sum + series.memory_bytes(); });
}

void Multivariate::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint32_t>(series_.size()));
  for (const Series& series : series_) series.save(out);
  correlation_.save(out);
  save_vector(out, average_.mean);
  save_vector(out, average_.baseline_error);
  average_.weights.save(out);
  for (const uint32_t windows : average_.missing) out.put(windows);
  run_.save(out);
  for (const double value : {excess_, excess_weight_}) out.put(value);
}

Status Multivariate::load(ByteReader& in) {
  const Error damaged{"corrupt", "multivariate: its state is cut off or out of range"};
  const auto version = in.get<uint8_t>();
  const auto size = in.get<uint32_t>();
  if (!in.ok()) return damaged;
  if (version != kVersion) return Error{"unknown_version", "multivariate: not a version this build can read"};
  if (size != series_.size())
    return Error{"corrupt", fmt::format("multivariate: the state is of {} measures, not of {}", size, series_.size())};
  Multivariate read(params_, series_.size());
  for (Series& series : read.series_)
    if (auto loaded = series.load(in); !loaded) return loaded;
  bool good = read.correlation_.load(in);
  for (Eigen::VectorXd* values : {&read.average_.mean, &read.average_.baseline_error})
    good = good && load_vector(in, *values);
  good = good && read.average_.weights.load(in, 0, 1);  // sums of squares of weights that add up to 1
  for (uint32_t& windows : read.average_.missing) windows = in.get<uint32_t>();
  good = good && read.run_.load(in);
  for (double* value : {&read.excess_, &read.excess_weight_}) {
    *value = in.get<double>();
    good = good && std::isfinite(*value) && *value >= 0;
  }
  if (!good || !in.ok()) return damaged;
  series_ = std::move(read.series_);
  correlation_ = std::move(read.correlation_);
  average_ = std::move(read.average_);
  run_ = std::move(read.run_);
  excess_ = read.excess_;
  excess_weight_ = read.excess_weight_;
  return ok_status();
}

}  // namespace tidewatch
