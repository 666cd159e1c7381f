#include "detectors/sketch/centroids.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {

size_t CentroidHistogram::first_from(double value) const {
  const auto* const end = values_.begin() + size_;
  return static_cast<size_t>(std::lower_bound(values_.begin(), end, value) - values_.begin());
}

void CentroidHistogram::add(double value, double weight) {
  if (!std::isfinite(value) || !(weight > 0)) return;
  const size_t at = first_from(value);
  total_ += weight;
  if (at < size_ && values_[at] == value) {
    weights_[at] += static_cast<float>(weight);
    return;
  }
  std::move_backward(values_.begin() + at, values_.begin() + size_, values_.begin() + size_ + 1);
  std::move_backward(weights_.begin() + at, weights_.begin() + size_, weights_.begin() + size_ + 1);
  values_[at] = value;
  weights_[at] = static_cast<float>(weight);
  size_ += 1;
  if (size_ > kCentroids) merge_closest();
}

void CentroidHistogram::merge_closest() {
  size_t left = 0;
  for (size_t i = 1; i + 1 < size_; ++i)
    if (values_[i + 1] - values_[i] < values_[left + 1] - values_[left]) left = i;
  const double a = weights_[left];
  const double b = weights_[left + 1];
  // Between the two also when rounding would say otherwise.
  values_[left] =
      std::clamp(values_[left] + (values_[left + 1] - values_[left]) * (b / (a + b)), values_[left], values_[left + 1]);
  weights_[left] = static_cast<float>(a + b);
  std::move(values_.begin() + left + 2, values_.begin() + size_, values_.begin() + left + 1);
  std::move(weights_.begin() + left + 2, weights_.begin() + size_, weights_.begin() + left + 1);
  size_ -= 1;
}

void CentroidHistogram::halve() {
  for (size_t i = 0; i < size_; ++i) weights_[i] *= 0.5F;
  total_ *= 0.5;
}

double CentroidHistogram::weight_within(double low, double high) const {
  double sum = 0;
  for (size_t i = first_from(low); i < size_ && values_[i] < high; ++i) sum += weights_[i];
  return sum;
}

double CentroidHistogram::distance_to(double value) const {
  const size_t at = first_from(value);
  double out = std::numeric_limits<double>::infinity();
  if (at < size_) out = values_[at] - value;
  if (at > 0) out = std::min(out, value - values_[at - 1]);
  return out;
}

double CentroidHistogram::quantile(double q) const {
  if (size_ == 0) return std::numeric_limits<double>::quiet_NaN();
  double below = 0;
  for (size_t i = 0; i + 1 < size_; ++i) {
    below += weights_[i];
    if (below > q * total_) return values_[i];
  }
  return values_[size_ - 1];
}

void CentroidHistogram::save(ByteWriter& out) const {
  out.put(static_cast<uint32_t>(size_));
  out.put(total_);
  for (size_t i = 0; i < kCentroids; ++i) {
    out.put(i < size_ ? values_[i] : 0.0);
    out.put(i < size_ ? weights_[i] : 0.0F);
  }
}

bool CentroidHistogram::load(ByteReader& in) {
  *this = {};
  size_ = std::min<size_t>(in.get<uint32_t>(), kCentroids + 1);
  total_ = in.get<double>();
  double sum = 0;
  bool is_good = size_ <= kCentroids;
  for (size_t i = 0; i < kCentroids; ++i) {
    values_[i] = in.get<double>();
    weights_[i] = in.get<float>();
    if (i >= size_) continue;
    is_good = is_good && std::isfinite(values_[i]) && std::isfinite(weights_[i]) && weights_[i] >= 0 &&
              (i == 0 || values_[i - 1] < values_[i]);
    sum += weights_[i];
  }
  // Weights that were halved often may have vanished: the total is what they add up to, but for rounding.
  return in.ok() && is_good && std::isfinite(total_) && std::abs(total_ - sum) <= 1e-3 * (1 + sum);
}

}  // namespace tidewatch
