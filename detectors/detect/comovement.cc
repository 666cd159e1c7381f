#include "detectors/detect/comovement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
// Windows after which a level is known well enough for its scores to be learnt from.
constexpr double kSettled = 36;
// Windows for which scores are compared with those of a window that had more measures than those since: one that is
// missing in every other window would else never be compared.
constexpr uint32_t kOldest = 12;
// Differences of independent scores overlap: (1/2)² on both sides.
constexpr double kPriorInflation = 1.5;
// Independent recent covariances that this is worth before any is seen.
constexpr double kPriorCovariances = 20;
constexpr double kLeastInflation = 0.7;
// Largest statistic by dimension that is learnt.
constexpr double kExcessBound = 9;
// The ratio is unusual, and a run goes on, while fewer than this share lie further out.
constexpr double kUsualShare = 0.3;
// Only of what is beyond chance is it asked whether it is over: chance would be cut off before it is counted as such.
constexpr double kBeyondChance = 1e-3;
// Odds e^7 that the change is over: the recent covariance starts anew instead of fading for hours.
constexpr double kReturnNats = 7;
constexpr double kAnomalousWeight = 0.02;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using Matrix = Eigen::MatrixXd;
using Indices = std::vector<Eigen::Index>;

}  // namespace

struct Comovement::Finding {
  Indices which;
  CovarianceRatioTest ratio;
  double per_dimension = 0;  ///< of the statistic, were windows independent
  double p_value = 1;
};

Comovement::Comovement(const Params& params, size_t observations)
    : params_(params),
      series_(std::max<size_t>(observations, 1)),
      learnt_(static_cast<Index>(series_.size())),
      recent_(static_cast<Index>(series_.size())),
      compared_(series_.size(), std::numeric_limits<float>::quiet_NaN()) {}

/// Measures of `seen` (not NaN) whose covariance with each other is known.
std::vector<Eigen::Index> Comovement::known(const Eigen::VectorXd& seen) const {
  const double needed = std::min<double>(params_.warm_up, params_.covariance_half_life);
  Indices out;
  for (Index i = 0; i < seen.size(); ++i) {
    if (std::isnan(seen[i]) || learnt_.windows(i, i) < needed) continue;
    if (std::all_of(out.begin(), out.end(), [&](Index j) { return learnt_.windows(i, j) >= needed; })) out.push_back(i);
  }
  return out;
}

bool Comovement::warm() const {
  const Eigen::VectorXd all = Eigen::VectorXd::Zero(static_cast<Index>(series_.size()));
  return known(all).size() >= std::min<size_t>(2, series_.size());
}

/// Differences by sqrt(2) of scores and those that are compared, bounded; NaN where one is missing. All are of the same
/// two windows: the product of differences of unlike windows would be another one.
Eigen::VectorXd Comovement::differences(const ScoreVector& seen) const {
  Eigen::VectorXd out = Eigen::VectorXd::Constant(seen.scores.size(), kMissing);
  constexpr double kMost = Correlation::kBound;
  for (const Index i : seen.known())
    if (const auto before = static_cast<double>(compared_[static_cast<size_t>(i)]); !std::isnan(before))
      out[i] = std::clamp((seen.scores[i] - before) / std::sqrt(2.0), -kMost, kMost);
  return out;
}

/// Those known that were seen within the memory of the recent covariance.
std::vector<Eigen::Index> Comovement::alive(const Recent& recent) const {
  Eigen::VectorXd mask(static_cast<Index>(series_.size()));
  for (size_t i = 0; i < series_.size(); ++i)
    mask[static_cast<Index>(i)] = recent.missing[i] <= 3 / params_.smoothing ? 0 : kMissing;
  return known(mask);
}

void Comovement::take(Recent& recent, const Eigen::VectorXd& difference) const {
  for (Index i = 0; i < difference.size(); ++i) {
    uint32_t& windows = recent.missing[static_cast<size_t>(i)];
    windows = std::isnan(difference[i]) ? windows + 1 : 0;
    if (windows > 3 / params_.smoothing) recent.further.set_row(i, 0);
  }
  const CovarianceBasis basis(learnt_, alive(recent));
  const CovarianceBasis::Said said = basis.said_by(difference);
  if (!(said.share > 0)) return;
  const double weight = params_.smoothing * said.share;
  const Matrix further = basis.of(recent.further);
  const Matrix next = further + weight * (said.products - basis.covariance() - further);
  const Indices& which = basis.which();
  for (Index i = 0; i < next.rows(); ++i)
    for (Index j = 0; j <= i; ++j)
      recent.further.set(which[static_cast<size_t>(i)], which[static_cast<size_t>(j)], next(i, j));
  recent.squares = (1 - weight) * (1 - weight) * recent.squares + weight * weight;
}

double Comovement::inflation() const {
  const double prior = kPriorCovariances / params_.smoothing;
  return std::max(kLeastInflation, (prior * kPriorInflation + excess_) / (prior + excess_weight_));
}

Comovement::Finding Comovement::test(const Recent& recent) const {
  Finding out;
  if (!(recent.squares > 0)) return out;
  out.which = alive(recent);
  if (out.which.empty()) return out;
  double learnt = HUGE_VAL;
  for (const Index i : out.which)
    for (const Index j : out.which) learnt = std::min(learnt, learnt_.windows(i, j));
  const CovarianceBasis basis(learnt_, out.which);
  out.ratio = covariance_ratio_test(basis.ratio(basis.of(recent.further)), 1 / (recent.squares + 1 / learnt));
  out.per_dimension = out.ratio.statistic / out.ratio.dimension;
  out.p_value = chi_squared_upper(out.ratio.statistic / inflation(), out.ratio.dimension);
  return out;
}

/// Covariance since the run began, in the scores' own coordinates; shrunk as the basis is.
Eigen::MatrixXd Comovement::covariance_since_change(const Recent& recent, const CovarianceBasis& basis) const {
  // The average still holds what was before the change, when nothing was further.
  const double changed = 1 - std::pow(1 - params_.smoothing, run_ + 1.0);
  const Matrix root = map_eigenvalues(basis.covariance(), [](double value) { return std::sqrt(value); });
  const Matrix ratio =
      map_eigenvalues(basis.ratio(basis.of(recent.further) / changed), [](double value) { return value; });
  return root * ratio * root;
}

void Comovement::describe(Verdict& verdict, const Recent& recent, const Finding& found) const {
  Index i = 0;  // the strongest pair, or one measure twice
  Index j = 0;
  double most = -1;
  for (Index a = 0; a < found.ratio.parts.rows(); ++a)
    for (Index b = 0; b <= a; ++b) {
      const double part = found.ratio.parts(a, b) * (a == b ? 1 : 2);
      if (part > most) most = part, i = b, j = a;
      if (!(part > 0) || !(verdict.surprise > 0)) continue;
      const auto first = static_cast<size_t>(found.which[static_cast<size_t>(b)]);
      const auto second = static_cast<size_t>(found.which[static_cast<size_t>(a)]);
      verdict.contributions.push_back({first, verdict.surprise * part, a == b ? std::nullopt : std::optional(second)});
    }
  std::stable_sort(verdict.contributions.begin(), verdict.contributions.end(),
                   [](const Contribution& a, const Contribution& b) { return a.bits > b.bits; });
  verdict.observation = static_cast<size_t>(found.which[static_cast<size_t>(i)]);
  const CovarianceBasis basis(learnt_, found.which);
  const Matrix now = covariance_since_change(recent, basis);
  const double windows = std::max(4.0, 1 / recent.squares);
  if (i == j) {
    const double error = 1.96 * std::sqrt(inflation() / (2 * windows));
    verdict.value = std::sqrt(now(i, i) / basis.covariance()(i, i));
    verdict.expected = 1;
    verdict.expected_low = std::exp(-error);
    verdict.expected_high = std::exp(error);
  } else {
    const auto correlation = [&](const Matrix& covariance) {
      const double shrunk = covariance(i, j) / std::sqrt(covariance(i, i) * covariance(j, j));
      return std::clamp(shrunk / (1 - CovarianceBasis::kShrinkage), -1.0, 1.0);
    };
    const double error = 1.96 * std::sqrt(inflation() / windows);
    verdict.value = correlation(now);
    verdict.expected = correlation(basis.covariance());
    const double fisher = std::atanh(std::clamp(verdict.expected, -0.999, 0.999));
    verdict.expected_low = std::tanh(fisher - error);
    verdict.expected_high = std::tanh(fisher + error);
  }
  verdict.effect_absolute = verdict.value - verdict.expected;
  verdict.effect = relative_effect(verdict.value, verdict.expected);
  verdict.direction = verdict.value >= verdict.expected ? Direction::up : Direction::down;
}

Verdict Comovement::score(const Window& window, const Context& context) const {
  Verdict verdict;
  if (std::none_of(window.observations.begin(), window.observations.end(), &is_usable)) return verdict;
  verdict.judgement = Judgement::warming_up;
  const ScoreVector seen = read_scores(params_, series_, window, kSettled);
  if (!seen.any) return verdict;
  Recent next = recent_;
  take(next, differences(seen));
  const Finding found = test(next);
  if (found.which.empty()) return verdict;
  if (warm()) verdict.judgement = Judgement::scored;
  verdict.surprise = surprise_of(found.p_value);
  verdict.since_windows = run_;
  describe(verdict, next, found);
  if (context.direction != Direction::either && context.direction != verdict.direction) {
    verdict.surprise = 0;
    verdict.contributions.clear();
  }
  return verdict;
}

bool Comovement::has_returned(const Eigen::VectorXd& difference) {
  // Likelihood ratio of "as it was learnt" against "as it has been of late".
  const CovarianceBasis basis(learnt_, alive(recent_));
  const CovarianceBasis::Said said = basis.said_by(difference);
  if (!(said.share > 0)) return false;
  const Matrix seen = basis.inverse_root() * said.products * basis.inverse_root();
  const Matrix recent = basis.ratio(basis.of(recent_.further));
  const Matrix precision = map_eigenvalues(recent, [](double value) { return 1 / value; });
  const Matrix logarithm = map_eigenvalues(recent, [](double value) { return std::log(value); });
  const double evidence = 0.5 * (logarithm.trace() + precision.cwiseProduct(seen).sum() - seen.trace());
  evidence_of_return_ = std::max(0.0, evidence_of_return_ + said.share * evidence);
  return evidence_of_return_ > kReturnNats;
}

void Comovement::follow_run(const Eigen::VectorXd& difference) {
  const double p_value = test(recent_).p_value;
  if (p_value < kBeyondChance && has_returned(difference)) {
    recent_ = Recent(static_cast<Index>(series_.size()));
    take(recent_, difference);
    run_ = 0;
    evidence_of_return_ = 0;
    return;
  }
  run_ = p_value > kUsualShare ? 0 : run_ + 1;
  if (run_ == 0) evidence_of_return_ = 0;
}

void Comovement::remember(const ScoreVector& seen) {
  const auto had = std::count_if(compared_.begin(), compared_.end(), [](float score) { return !std::isnan(score); });
  compared_age_ += 1;
  if (static_cast<ptrdiff_t>(seen.known().size()) < had && compared_age_ <= kOldest) return;
  for (size_t i = 0; i < compared_.size(); ++i) compared_[i] = static_cast<float>(seen.scores[static_cast<Index>(i)]);
  compared_age_ = 0;
}

/// How the measures have come to vary is normal from now on.
void Comovement::start_anew() {
  const auto size = static_cast<Index>(series_.size());
  learnt_ = Correlation(size);
  recent_ = Recent(size);
  run_ = 0;
  evidence_of_return_ = 0;
  anomalous_ = 0;
}

void Comovement::learn(const Window& window, const Decision& decision) {
  const ScoreVector seen = read_scores(params_, series_, window, kSettled);
  if (seen.any) {
    const double weight = std::clamp(decision.weight, 0.0, 1.0) * (decision.anomalous ? kAnomalousWeight : 1.0);
    const Eigen::VectorXd difference = differences(seen);
    take(recent_, difference);
    follow_run(difference);
    if (const double excess = test(recent_).per_dimension; weight > 0 && excess > 0) {
      const double decay = std::exp2(-1.0 / params_.covariance_half_life);
      excess_ = decay * excess_ + weight * std::min(excess, kExcessBound);
      excess_weight_ = decay * excess_weight_ + weight;
    }
    learnt_.learn(difference, weight, params_.covariance_half_life);
    anomalous_ = decision.anomalous ? anomalous_ + 1 : anomalous_ - std::min(anomalous_, 1U);
    if (anomalous_ >= params_.adapt_after || (decision.confirmed_normal && run_ > 0)) start_anew();
  }
  remember(seen);
  for (size_t i = 0; i < series_.size(); ++i) {
    const Observation none{};
    const Observation& observed = i < window.observations.size() ? window.observations[i] : none;
    if (series_[i].learn(params_, observed, window, decision))  // its scores are about to jump
      compared_[i] = std::numeric_limits<float>::quiet_NaN();
  }
}

size_t Comovement::memory_bytes() const {
  const size_t own = sizeof(Comovement) + series_.size() * (sizeof(float) + sizeof(uint32_t)) +
                     recent_.further.memory_bytes() - sizeof(Triangle) + learnt_.memory_bytes() - sizeof(Correlation);
  return std::accumulate(series_.begin(), series_.end(), own,
                         [](size_t sum, const Series& series) { return sum + series.memory_bytes(); });
}

void Comovement::save(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint32_t>(series_.size()));
  for (const Series& series : series_) series.save(out);
  learnt_.save(out);
  recent_.further.save(out);
  for (const uint32_t windows : recent_.missing) out.put(windows);
  for (const float score : compared_) out.put(score);
  out.put(compared_age_);
  out.put(run_);
  out.put(anomalous_);
  for (const double value : {recent_.squares, evidence_of_return_, excess_, excess_weight_}) out.put(value);
}

Status Comovement::load(ByteReader& in) {
  const Error damaged{"corrupt", "comovement: its state is cut off or out of range"};
  const auto version = in.get<uint8_t>();
  const auto size = in.get<uint32_t>();
  if (!in.ok()) return damaged;
  if (version != kVersion) return Error{"unknown_version", "comovement: not a version this build can read"};
  if (size != series_.size())
    return Error{"corrupt", fmt::format("comovement: the state is of {} measures, not of {}", size, series_.size())};
  Comovement read(params_, series_.size());
  for (Series& series : read.series_)
    if (auto loaded = series.load(in); !loaded) return loaded;
  constexpr double kMost = 1e3;  // far beyond what bounded windows add up to
  bool good = read.learnt_.load(in) && read.recent_.further.load(in, -kMost, kMost);
  for (uint32_t& windows : read.recent_.missing) windows = in.get<uint32_t>();
  for (float& score : read.compared_) good = !std::isinf(score = in.get<float>()) && good;
  read.compared_age_ = in.get<uint32_t>();
  read.run_ = in.get<uint32_t>();
  read.anomalous_ = in.get<uint32_t>();
  for (double* value : {&read.recent_.squares, &read.evidence_of_return_, &read.excess_, &read.excess_weight_}) {
    *value = in.get<double>();
    good = good && std::isfinite(*value) && *value >= 0;
  }
  if (!good || !in.ok()) return damaged;
  series_ = std::move(read.series_);
  learnt_ = std::move(read.learnt_);
  recent_ = std::move(read.recent_);
  compared_ = std::move(read.compared_);
  compared_age_ = read.compared_age_;
  run_ = read.run_;
  evidence_of_return_ = read.evidence_of_return_;
  anomalous_ = read.anomalous_;
  excess_ = read.excess_;
  excess_weight_ = read.excess_weight_;
  return ok_status();
}

}  // namespace tidewatch
