#include "detectors/detect/noncentral_hypergeometric.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {

NoncentralHypergeometric::NoncentralHypergeometric(double marked, double size, double others_marked,
                                                   double others_size) {
  const double all = marked + others_marked;
  const double ways = std::min({size, others_size, all, size + others_size - all});
  const double scale = std::min(1.0, kMostWays / std::max(ways, 1.0));
  size = std::round(size * scale);
  others_size = std::round(others_size * scale);
  seen_ = std::min(std::round(marked * scale), size);
  const double total = seen_ + std::min(std::round(others_marked * scale), others_size);
  least_ = std::max(0.0, total - others_size);
  const double most = std::min(size, total);
  double log_weight = 0;
  double largest = 0;
  log_weights_.push_back(0);
  for (double x = least_; x < most; ++x) {
    log_weight += std::log((size - x) * (total - x) / ((x + 1) * (others_size - total + x + 1)));
    largest = std::max(largest, log_weight);
    log_weights_.push_back(log_weight);
  }
  for (double& weight : log_weights_) weight -= largest;
}

double NoncentralHypergeometric::log_sum(double theta) const {
  double best = -HUGE_VAL;
  for (size_t i = 0; i < log_weights_.size(); ++i)
    best = std::max(best, log_weights_[i] + theta * static_cast<double>(i));
  double sum = 0;
  for (size_t i = 0; i < log_weights_.size(); ++i)
    sum += std::exp(log_weights_[i] + theta * static_cast<double>(i) - best);
  return best + std::log(sum);
}

double NoncentralHypergeometric::log_moment(double theta) const { return theta * least_ + log_sum(theta) - log_sum(0); }

NoncentralHypergeometric::Moments NoncentralHypergeometric::moments(double theta) const {
  const double scale = log_sum(theta);
  double mean = 0;
  double squares = 0;
  for (size_t i = 0; i < log_weights_.size(); ++i) {
    const auto x = static_cast<double>(i);
    const double share = std::exp(log_weights_[i] + theta * x - scale);
    mean += share * x;
    squares += share * x * x;
  }
  return {least_ + mean, std::max(0.0, squares - mean * mean)};
}

}  // namespace tidewatch
