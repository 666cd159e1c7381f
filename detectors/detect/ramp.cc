#include "detectors/detect/ramp.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "detectors/core/special_functions.h"

namespace tidewatch {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kFewestPeriods = 7;
constexpr double kCycleSpread = 2;     ///< standard deviations of a period that calendar offsets may well have
constexpr double kOutlier = 2.5;       ///< standard deviations beyond which a period counts less
constexpr double kOverMargin = 4;      ///< chi-squared by which an ended change must explain more
constexpr size_t kPlateau = 3;         ///< periods without further change after which it has ended
constexpr double kLeastNormal = 1e-9;  ///< squared length below which nothing is left of a regressor

/// The periods with data, scaled so that each has variance 1, with the calendar's offsets as further unknowns that
/// were measured to be 0 (rows of their own).
class Design {
 public:
  Design(std::span<const PeriodLevel> levels, size_t cycle);

  size_t data() const { return times_.size(); }
  Index rows() const { return static_cast<Index>(data() + cycle_); }
  double time(size_t row) const { return times_[row]; }
  void set_robust_weights(const std::vector<double>& weights);

  VectorXd response() const;
  VectorXd ramp(double start, double end) const;
  VectorXd level() const {
    return column([](double) { return 1.0; });
  }
  /// Takes out of v what the steady level and the offsets explain.
  VectorXd without_steady(const VectorXd& v) const { return v - basis_ * (basis_.transpose() * v); }
  /// The part of row r's variance that the steady model takes up.
  double leverage(Index r) const { return basis_.row(r).squaredNorm(); }
  VectorXd coefficients_of_steady(const VectorXd& v) const { return steady_qr_.solve(v); }
  double steady_variance() const;

 private:
  template <typename F>
  VectorXd column(F value) const {
    VectorXd out = VectorXd::Zero(rows());
    for (size_t i = 0; i < data(); ++i) out(static_cast<Index>(i)) = value(times_[i]) * weights_[i];
    return out;
  }
  void find_basis();

  size_t cycle_;
  std::vector<double> times_;
  std::vector<double> values_;
  std::vector<double> precisions_;  ///< 1 / standard deviation
  std::vector<double> weights_;     ///< precisions, lessened for outliers
  MatrixXd steady_;
  MatrixXd basis_;  ///< orthonormal, of the steady model
  Eigen::ColPivHouseholderQR<MatrixXd> steady_qr_;
};

Design::Design(std::span<const PeriodLevel> levels, size_t cycle) : cycle_(cycle) {
  for (size_t i = 0; i < levels.size(); ++i) {
    if (!(levels[i].variance > 0)) continue;
    times_.push_back(static_cast<double>(i));
    values_.push_back(levels[i].value);
    precisions_.push_back(1 / std::sqrt(levels[i].variance));
  }
  weights_ = precisions_;
  find_basis();
}

void Design::set_robust_weights(const std::vector<double>& weights) {
  for (size_t i = 0; i < data(); ++i) weights_[i] = precisions_[i] * std::sqrt(weights[i]);
  find_basis();
}

void Design::find_basis() {
  steady_ = MatrixXd::Zero(rows(), static_cast<Index>(1 + cycle_));
  double mean_precision = 0;
  for (size_t i = 0; i < data(); ++i) {
    const auto row = static_cast<Index>(i);
    steady_(row, 0) = weights_[i];
    if (cycle_ > 0) steady_(row, 1 + static_cast<Index>(static_cast<size_t>(times_[i]) % cycle_)) = weights_[i];
    mean_precision += precisions_[i] / static_cast<double>(data());
  }
  for (size_t c = 0; c < cycle_; ++c)
    steady_(static_cast<Index>(data() + c), static_cast<Index>(1 + c)) = mean_precision / kCycleSpread;
  steady_qr_.compute(steady_);
  const Index rank = steady_qr_.rank();
  basis_ = steady_qr_.householderQ() * MatrixXd::Identity(rows(), rank);
}

VectorXd Design::response() const {
  VectorXd out = VectorXd::Zero(rows());
  for (size_t i = 0; i < data(); ++i) out(static_cast<Index>(i)) = values_[i] * weights_[i];
  return out;
}

VectorXd Design::ramp(double start, double end) const {
  return column([&](double t) { return std::clamp(t - start, 0.0, end - start); });
}

double Design::steady_variance() const {
  const MatrixXd normal = steady_.transpose() * steady_;
  VectorXd level = VectorXd::Zero(normal.rows());
  level(0) = 1;
  return std::max(0.0, level.dot(normal.completeOrthogonalDecomposition().solve(level)));
}

/// A regressor after the steady model, at unit length, and how far the data point along it.
struct Candidate {
  double start = 0;
  VectorXd direction;
  double length = 0;
  double z = 0;
};

bool measure(const Design& design, const VectorXd& response, double start, double end, Candidate& out) {
  out.start = start;
  out.direction = design.without_steady(design.ramp(start, end));
  out.length = out.direction.norm();
  if (!(out.length * out.length > kLeastNormal)) return false;
  out.direction /= out.length;
  out.z = out.direction.dot(response);
  return true;
}

std::vector<Candidate> ongoing(const Design& design, const VectorXd& response, double last, size_t shortest) {
  std::vector<Candidate> out;
  const double first = design.time(0);
  for (double start = first; start <= last - static_cast<double>(shortest); start += 1) {
    Candidate candidate;
    if (measure(design, response, start, last, candidate)) out.push_back(std::move(candidate));
  }
  return out;
}

/// Most chi-squared of any change that has ended: slopes with a plateau since, down to the step between two periods.
double best_ended(const Design& design, const VectorXd& response, double last) {
  double best = 0;
  const double first = design.time(0);
  for (double start = first; start + 1 <= last - static_cast<double>(kPlateau); start += 1)
    for (double end = start + 1; end <= last - static_cast<double>(kPlateau); end += 1) {
      Candidate candidate;
      if (measure(design, response, start, end, candidate)) best = std::max(best, candidate.z * candidate.z);
    }
  return best;
}

/// P(max over the candidates of a standard Gaussian process > u): Davies (1987), for sample points.
double maximum_upper(double u, double path) {
  const double crossings = path / (2 * std::numbers::pi) * std::exp(-u * u / 2);
  return std::min(1.0, normal_upper(u) + (u > 0 ? crossings : 1.0));
}

double path_length(const std::vector<Candidate>& candidates) {
  double out = 0;
  for (size_t i = 1; i < candidates.size(); ++i)
    out += std::acos(std::clamp(candidates[i - 1].direction.dot(candidates[i].direction), -1.0, 1.0));
  return out;
}

double p_of(double z, double path, const RampQuestion& question) {
  const double p = student_upper(z / std::sqrt(question.dispersion), question.degrees_of_freedom);
  if (!(p > 1e-290)) return 1e-290;
  return maximum_upper(normal_score_of_upper(std::min(p, 1 - 1e-12)), path);
}

/// The clearest of them in either direction.
const Candidate& clearest(const std::vector<Candidate>& candidates) {
  return *std::max_element(candidates.begin(), candidates.end(),
                           [](const Candidate& a, const Candidate& b) { return std::abs(a.z) < std::abs(b.z); });
}

/// The variance of one observation is taken as the same in all periods.
std::vector<PeriodLevel> pooled(std::span<const PeriodLevel> levels) {
  std::vector<double> variances;
  for (const PeriodLevel& level : levels)
    if (level.variance > 0) variances.push_back(level.variance);
  std::vector<PeriodLevel> out(levels.begin(), levels.end());
  if (variances.empty()) return out;
  const auto middle = variances.begin() + static_cast<std::ptrdiff_t>(variances.size() / 2);
  std::nth_element(variances.begin(), middle, variances.end());
  for (PeriodLevel& level : out) level.variance = level.variance > 0 ? std::max(level.variance, *middle / 4) : 0;
  return out;
}

std::vector<double> robust_weights(const Design& design, const VectorXd& residual, double dispersion) {
  std::vector<double> out(design.data(), 1.0);
  for (size_t i = 0; i < design.data(); ++i) {
    const double size = std::abs(residual(static_cast<Index>(i))) / std::sqrt(dispersion);
    if (size > kOutlier) out[i] = kOutlier / size;
  }
  return out;
}

}  // namespace

RampFit ramp_fit(std::span<const PeriodLevel> levels, const RampQuestion& question) {
  RampFit fit;
  const std::vector<PeriodLevel> scaled = pooled(levels);
  Design design(scaled, question.cycle);
  if (design.data() < std::max(kFewestPeriods, question.shortest + 2)) return fit;
  const double last = static_cast<double>(levels.size() - 1);

  std::vector<Candidate> candidates = ongoing(design, design.response(), last, question.shortest);
  if (candidates.empty()) return fit;
  {
    const Candidate& best = clearest(candidates);
    const VectorXd residual = design.without_steady(design.response()) - best.z * best.direction;
    design.set_robust_weights(robust_weights(design, residual, question.dispersion));
  }
  const VectorXd response = design.response();
  candidates = ongoing(design, response, last, question.shortest);
  if (candidates.empty()) return fit;
  fit.is_known = true;

  const double path = path_length(candidates);
  double up = candidates[0].z;
  double down = candidates[0].z;
  for (const Candidate& candidate : candidates) {
    up = std::max(up, candidate.z);
    down = std::min(down, candidate.z);
  }
  fit.p_up = p_of(up, path, question);
  fit.p_down = p_of(-down, path, question);

  const Candidate& best = clearest(candidates);
  fit.is_over = best_ended(design, response, last) > best.z * best.z + kOverMargin * question.dispersion;
  const double slope = best.z / best.length;
  const VectorXd steady = design.coefficients_of_steady(response - slope * design.ramp(best.start, last));
  fit.before = steady(0);
  fit.before_error = std::sqrt(question.dispersion * design.steady_variance());
  fit.now = fit.before + slope * (last - best.start);
  fit.periods = static_cast<size_t>(last - best.start);

  const auto newest = static_cast<Index>(design.data() - 1);
  const double taken = std::min(0.9, design.leverage(newest) + best.direction(newest) * best.direction(newest));
  const VectorXd residual = design.without_steady(response) - best.z * best.direction;
  fit.newest_residual = residual(newest) / std::sqrt(1 - taken);
  const bool is_finite = std::isfinite(fit.before) && std::isfinite(fit.before_error) && std::isfinite(fit.now) &&
                         std::isfinite(fit.newest_residual) && std::isfinite(fit.p_up) && std::isfinite(fit.p_down);
  return is_finite ? fit : RampFit{};
}

}  // namespace tidewatch
