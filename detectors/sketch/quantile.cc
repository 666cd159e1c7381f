#include "detectors/sketch/quantile.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "detectors/core/check.h"
#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasOwnShape = 1;
constexpr uint8_t kHasZero = 2;
constexpr uint8_t kHasRejected = 4;
constexpr std::string_view kWhat = "quantile sketch";

// log2(1 + t) on [0, 1] as ((A·t + B)·t + C)·t, exact at both ends. A unit of it is never wider than 0.7 in ln(value),
// reached at t = 0 and t = 2/3 (ideal: ln 2 = 0.693), so the bound costs 1 % more buckets than a true logarithm.
constexpr double kA = 6.0 / 35, kB = -3.0 / 5, kC = 10.0 / 7;
constexpr double kWidest = 0.7;
// Buckets are narrower than the bound allows by this, which covers every rounding below.
constexpr double kSafety = 1e-6;
constexpr int64_t kBias = int64_t{1} << 27;  // makes every scaled logarithm positive, so that a cast is a floor
constexpr int32_t kMaxIndex = (1 << 27) - 1;

double approximate_log2(double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  double exponent = -1023;
  if (bits >> 52 == 0) [[unlikely]] {  // denormal: scaled into the normal range
    bits = std::bit_cast<uint64_t>(value * 0x1p54);
    exponent -= 54;
  }
  exponent += static_cast<double>(static_cast<int64_t>(bits >> 52));
  const double t = std::bit_cast<double>((bits & 0xF'FFFF'FFFF'FFFF) | 0x3FF0'0000'0000'0000) - 1;
  return exponent + ((kA * t + kB) * t + kC) * t;
}

/// The inverse, by Newton's method: the cubic is nearly straight, so four steps from the fraction reach the last bit.
double approximate_exp2(double logarithm) {
  const double whole = std::floor(logarithm);
  const double fraction = logarithm - whole;
  double t = fraction;
  for (int i = 0; i < 4; ++i) t -= (((kA * t + kB) * t + kC) * t - fraction) / ((3 * kA * t + 2 * kB) * t + kC);
  return std::ldexp(1 + t, static_cast<int>(whole));
}

}  // namespace

QuantileSketch::QuantileSketch(double relative_error, uint16_t max_buckets)
    : buckets_(max_buckets), relative_error_(relative_error) {
  TW_CHECK(relative_error >= 1e-5 && relative_error <= 0.5 && max_buckets >= 8, "quantile sketch: shape out of range");
  multiplier_ = kWidest / (std::log((1 + relative_error) / (1 - relative_error)) * (1 - kSafety));
}

int32_t QuantileSketch::index_of(double value) const {
  return static_cast<int32_t>(static_cast<int64_t>(approximate_log2(value) * multiplier_ + static_cast<double>(kBias)) -
                              kBias);
}

double QuantileSketch::value_of(int32_t index) const {
  const double low = approximate_exp2(index / multiplier_);
  const double high = approximate_exp2((index + 1) / multiplier_);
  // The point with the same relative distance to both ends; the top bucket may end beyond the largest double.
  const double factor = std::isinf(high) ? 1 + relative_error_ : 2 / (1 + low / high);
  return std::min(low * factor, std::numeric_limits<double>::max());
}

void QuantileSketch::add(double value, double weight) {
  const double w = quantise_weight(weight);
  if (value > 0 && value <= std::numeric_limits<double>::max()) [[likely]] {
    if (w != 0) buckets_.add(index_of(value), w);
  } else if (value == 0) {
    zero_ += w;
  } else {
    rejected_ += w;
  }
}

void QuantileSketch::merge(const QuantileSketch& other) {
  TW_CHECK(has_shape_of(other), "quantile sketches of different shape cannot be merged");
  buckets_.merge(other.buckets_);
  zero_ += other.zero_;
  rejected_ += other.rejected_;
}

double QuantileSketch::count() const {
  double total = std::max(0.0, zero_);
  buckets_.for_each([&](int32_t, double weight) { total += std::max(0.0, weight); });
  return total;
}

double QuantileSketch::count_at(double value) const {
  if (!(value > 0)) return std::max(0.0, zero_);
  const int32_t bucket = index_of(value);
  double total = 0;
  buckets_.for_each([&](int32_t index, double weight) {
    if (index == bucket) total += std::max(0.0, weight);
  });
  return total;
}

double QuantileSketch::count_above(double value) const {
  const bool is_positive = value > 0;
  const int32_t bucket = is_positive ? index_of(value) : 0;
  double total = 0;
  buckets_.for_each([&](int32_t index, double weight) {
    if (!is_positive || index > bucket) total += std::max(0.0, weight);
  });
  return total;
}

double QuantileSketch::value_at_rank(double rank) const {
  double seen = std::max(0.0, zero_);
  if (seen > rank) return 0;
  bool is_found = false;
  int32_t last = std::numeric_limits<int32_t>::min();  // of the highest bucket in use up to the one that is sought
  buckets_.for_each([&](int32_t index, double weight) {
    if (is_found || weight <= 0) return;
    last = index;
    seen += weight;
    is_found = seen > rank;
  });
  if (last != std::numeric_limits<int32_t>::min()) return value_of(last);
  return seen > 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
}

double QuantileSketch::quantile(double q) const {
  return value_at_rank(std::clamp(q, 0.0, 1.0) * std::max(0.0, count() - 1));
}

double QuantileSketch::quantile_variance(double q, double effective_count) const {
  const double last_rank = std::max(0.0, count() - 1);
  return order_statistic_variance([&](double at) { return value_at_rank(at * last_rank); }, q, effective_count,
                                  relative_error_);
}

void QuantileSketch::serialize(ByteWriter& out) const {
  const bool has_own_shape = relative_error_ != kDefaultError || buckets_.max_buckets() != kDefaultBuckets;
  out.put(kVersion);
  out.put(static_cast<uint8_t>((has_own_shape ? kHasOwnShape : 0) | (zero_ != 0 ? kHasZero : 0) |
                               (rejected_ != 0 ? kHasRejected : 0)));
  if (has_own_shape) {
    out.put(relative_error_);
    out.put(buckets_.max_buckets());
  }
  if (zero_ != 0) put_weight(out, zero_);
  if (rejected_ != 0) put_weight(out, rejected_);
  buckets_.serialize(out);
}

Result<QuantileSketch> QuantileSketch::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  const auto flags = in.get<uint8_t>();
  double relative_error = kDefaultError;
  uint16_t max_buckets = kDefaultBuckets;
  if ((flags & kHasOwnShape) != 0) {
    relative_error = in.get<double>();
    max_buckets = in.get<uint16_t>();
    if (!(relative_error >= 1e-5 && relative_error <= 0.5) || max_buckets < 8) return corrupt(kWhat);
  }
  QuantileSketch sketch(relative_error, max_buckets);
  if ((flags & kHasZero) != 0) sketch.zero_ = get_weight(in);
  if ((flags & kHasRejected) != 0) sketch.rejected_ = get_weight(in);
  if (!sketch.buckets_.deserialize(in, kMaxIndex) || !in.ok()) return corrupt(kWhat);
  return sketch;
}

}  // namespace tidewatch
