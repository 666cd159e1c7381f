#include "detectors/sketch/real_quantiles.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/sketch/serialized.h"

namespace tidewatch {
namespace {
constexpr uint8_t kVersion = 1;
constexpr std::string_view kWhat = "quantiles";
}  // namespace

RealQuantiles::RealQuantiles(const RealQuantiles& other)
    : positive_(other.positive_),
      negative_(other.negative_ ? std::make_unique<QuantileSketch>(*other.negative_) : nullptr) {}
RealQuantiles& RealQuantiles::operator=(const RealQuantiles& other) {
  if (this != &other) *this = RealQuantiles(other);
  return *this;
}

QuantileSketch& RealQuantiles::negative() {
  if (!negative_) negative_ = std::make_unique<QuantileSketch>();
  return *negative_;
}

void RealQuantiles::merge(const RealQuantiles& other) {
  positive_.merge(other.positive_);
  if (other.negative_) negative().merge(*other.negative_);
}

double RealQuantiles::count() const { return positive_.count() + (negative_ ? negative_->count() : 0); }

double RealQuantiles::count_at(double value) const {
  if (value >= 0) return positive_.count_at(value);
  return negative_ ? negative_->count_at(-value) : 0;
}

double RealQuantiles::count_above(double value) const {
  if (value >= 0) return positive_.count_above(value);
  // Of negative values the higher are the smaller ones.
  const double smaller =
      negative_ ? negative_->count() - negative_->count_above(-value) - negative_->count_at(-value) : 0;
  return positive_.count() + std::max(0.0, smaller);
}

double RealQuantiles::value_at_rank(double rank, double negatives) const {
  const double whole = std::floor(rank);
  if (whole >= negatives) return positive_.value_at_rank(rank - negatives);
  // The smallest values are the largest of the negative side; a rank there counts down from its top.
  return -negative_->value_at_rank(std::max(0.0, negatives - 1 - whole));
}

double RealQuantiles::quantile(double q) const {
  if (!negative_) return positive_.quantile(q);
  return value_at_rank(std::clamp(q, 0.0, 1.0) * std::max(0.0, count() - 1), negative_->count());
}

double RealQuantiles::quantile_variance(double q, double effective_count) const {
  if (!negative_) return positive_.quantile_variance(q, effective_count);
  const double last_rank = std::max(0.0, count() - 1);
  const double negatives = negative_->count();
  return order_statistic_variance([&](double at) { return value_at_rank(at * last_rank, negatives); }, q,
                                  effective_count, positive_.relative_error());
}

size_t RealQuantiles::memory_bytes() const {
  return sizeof(*this) - sizeof(positive_) + positive_.memory_bytes() + (negative_ ? negative_->memory_bytes() : 0);
}

void RealQuantiles::serialize(ByteWriter& out) const {
  out.put(kVersion);
  out.put(static_cast<uint8_t>(negative_ ? 1 : 0));
  positive_.serialize(out);
  if (negative_) negative_->serialize(out);
}

Result<RealQuantiles> RealQuantiles::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  const bool has_negative = in.get<uint8_t>() != 0;
  RealQuantiles quantiles;
  auto positive = QuantileSketch::deserialize(in);
  if (!positive) return positive.error();
  // Another shape would not merge with ours.
  if (!positive->has_shape_of(quantiles.positive_)) return corrupt(kWhat);
  quantiles.positive_ = std::move(*positive);
  if (!has_negative) return quantiles;
  auto negative = QuantileSketch::deserialize(in);
  if (!negative) return negative.error();
  if (!negative->has_shape_of(quantiles.positive_)) return corrupt(kWhat);
  quantiles.negative_ = std::make_unique<QuantileSketch>(std::move(*negative));
  return quantiles;
}

}  // namespace tidewatch
