#include "detectors/detect/long_run_variance.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

// Windows that "no serial correlation" is worth before any is seen, and the most that is believed.
constexpr double kPriorWindows = 50;
constexpr double kMostPersistence = 0.9;
constexpr double kPersistenceHalfLife = 2016;
// Hours that the baseline's own claim is worth, and until a batch counts half.
constexpr double kPriorBatches = 12;
constexpr double kBatchHalfLife = 336;
// Most that one score and one batch count: three standard deviations.
constexpr double kMostScore = 3;
constexpr double kMostBatch = 9;

}  // namespace

double LongRunVariance::of_neighbours() const {
  const double shrunk = weight_ * products_ / ((weight_ + kPriorWindows) * std::max(squares_, 0.25));
  const double persistence = std::clamp(shrunk, 0.0, kMostPersistence);
  return (1 + persistence) / (1 - persistence);
}

double LongRunVariance::value(double season_errors) const {
  const double neighbours = of_neighbours();
  const double prior = neighbours * season_errors;
  const double seen = batch_exposure_ > 0 ? batch_squares_ / batch_exposure_ : 0;
  const double batches = (batches_ * seen + kPriorBatches * prior) / (batches_ + kPriorBatches);
  return std::max({1.0, neighbours, batches});
}

void LongRunVariance::end_batch(double season_errors) {
  if (batch_windows_ > 0) {
    const double kept = std::exp2(-1 / kBatchHalfLife);
    const double most = kMostBatch * value(season_errors) * batch_windows_;
    batch_squares_ = kept * batch_squares_ + std::min(batch_sum_ * batch_sum_, most);
    batch_exposure_ = kept * batch_exposure_ + batch_windows_;
    batches_ = kept * batches_ + 1;
  }
  batch_sum_ = batch_windows_ = 0;
}

void LongRunVariance::learn(double score, double weight, unsigned hour, double season_errors) {
  const double bounded = std::clamp(score, -kMostScore, kMostScore);
  const unsigned known_hour = std::min(hour, 23U);
  if (known_hour != hour_) end_batch(season_errors);
  hour_ = known_hour;
  batch_sum_ += weight * bounded;
  batch_windows_ += weight;
  if (last_ != 0 && weight > 0) {
    weight_ = std::exp2(-1 / kPersistenceHalfLife) * weight_ + weight;
    products_ += weight / weight_ * (bounded * last_ - products_);
    squares_ += weight / weight_ * (bounded * bounded - squares_);
  }
  last_ = bounded;
}

void LongRunVariance::save(ByteWriter& out) const {
  for (const double value :
       {last_, products_, squares_, weight_, batch_sum_, batch_windows_, batch_squares_, batch_exposure_, batches_})
    out.put(value);
  out.put(static_cast<uint8_t>(hour_));
}

bool LongRunVariance::load(ByteReader& in) {
  bool good = true;
  const auto get = [&](double& value, bool may_be_negative) {
    value = in.get<double>();
    good = good && std::isfinite(value) && (may_be_negative || value >= 0);
  };
  get(last_, true);
  get(products_, true);
  get(squares_, false);
  get(weight_, false);
  get(batch_sum_, true);
  get(batch_windows_, false);
  get(batch_squares_, false);
  get(batch_exposure_, false);
  get(batches_, false);
  hour_ = in.get<uint8_t>();
  return in.ok() && good && hour_ <= 24;
}

}  // namespace tidewatch
