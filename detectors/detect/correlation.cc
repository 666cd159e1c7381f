#include "detectors/detect/correlation.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

// What independence is worth before data, in windows.
constexpr double kPriorWindows = 12;
// Ledoit and Wolf's target is never left entirely: keeps the matrix invertible when two measures are one.
constexpr double kLeastShrinkage = 0.02;

/// Kish's effective number of windows.
double effective(double weight, double squares) { return squares > 0 ? weight * weight / squares : 0; }

}  // namespace

Correlation::Correlation(Eigen::Index size) : products_(size), weights_(size), squares_(size) {}

void Correlation::learn(const Eigen::VectorXd& scores, double weight, double half_life) {
  if (!(weight > 0)) return;
  const double decay = std::exp2(-1.0 / half_life);
  for (Eigen::Index i = 0; i < products_.size(); ++i) {
    if (std::isnan(scores[i])) continue;
    const double a = std::clamp(scores[i], -kBound, kBound);
    for (Eigen::Index j = 0; j <= i; ++j) {
      if (std::isnan(scores[j])) continue;
      const double b = std::clamp(scores[j], -kBound, kBound);
      weights_.set(i, j, decay * weights_.at(i, j) + weight);
      squares_.set(i, j, decay * decay * squares_.at(i, j) + weight * weight);
      const double before = products_.at(i, j);
      products_.set(i, j, before + std::min(1.0, weight / weights_.at(i, j)) * (a * b - before));
    }
  }
}

double Correlation::windows(Eigen::Index i, Eigen::Index j) const {
  return effective(weights_.at(i, j), squares_.at(i, j));
}

double Correlation::effective_windows() const {
  double least = HUGE_VAL;
  for (Eigen::Index i = 0; i < products_.size(); ++i)
    for (Eigen::Index j = 0; j <= i; ++j) least = std::min(least, windows(i, j));
  return kPriorWindows + (std::isfinite(least) ? least : 0);
}

double Correlation::variance(Eigen::Index i) const {
  const double n = windows(i, i);
  return (n * products_.at(i, i) + kPriorWindows) / (n + kPriorWindows);
}

double Correlation::correlation(Eigen::Index i, Eigen::Index j) const {
  const double n = windows(i, j);
  const double covariance = n * products_.at(i, j) / (n + kPriorWindows);
  return std::clamp(covariance / std::sqrt(variance(i) * variance(j)), -1.0, 1.0);
}

double Correlation::shrinkage() const {
  // Variance of the estimated correlations against their size: sum (1 - r²)² / n over sum r².
  double noise = 0;
  double size = 0;
  for (Eigen::Index i = 0; i < products_.size(); ++i)
    for (Eigen::Index j = 0; j < i; ++j) {
      const double r = correlation(i, j);
      noise += (1 - r * r) * (1 - r * r) / (kPriorWindows + windows(i, j));
      size += r * r;
    }
  return size > 0 ? std::clamp(noise / size, kLeastShrinkage, 1.0) : 1.0;
}

Eigen::MatrixXd Correlation::covariance() const {
  const Eigen::Index size = products_.size();
  const double keep = 1 - shrinkage();
  Eigen::MatrixXd out = Eigen::MatrixXd::Identity(size, size);
  Eigen::VectorXd deviation(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    deviation[i] = std::sqrt(std::max(1.0, variance(i)));
    for (Eigen::Index j = 0; j < i; ++j) out(i, j) = out(j, i) = keep * correlation(i, j);
  }
  return deviation.asDiagonal() * out * deviation.asDiagonal();
}

size_t Correlation::memory_bytes() const {
  return sizeof(Correlation) + products_.memory_bytes() + weights_.memory_bytes() + squares_.memory_bytes() -
         3 * sizeof(Triangle);
}

void Correlation::save(ByteWriter& out) const {
  for (const Triangle* each : {&products_, &weights_, &squares_}) each->save(out);
}

bool Correlation::load(ByteReader& in) {
  constexpr double kMostWindows = 1e9;
  if (!products_.load(in, -kBound * kBound, kBound * kBound) || !weights_.load(in, 0, kMostWindows) ||
      !squares_.load(in, 0, kMostWindows))
    return false;
  for (Eigen::Index i = 0; i < products_.size(); ++i)
    if (products_.at(i, i) < 0) return false;  // of something with itself
  return true;
}

}  // namespace tidewatch
