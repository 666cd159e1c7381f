#include "detectors/sketch/moments.h"

#include <algorithm>
#include <cmath>

#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasExtremes = 1;
constexpr uint8_t kIsWeighted = 2;
constexpr std::string_view kWhat = "moments";
}  // namespace

bool Moments::add(double value, double weight) {
  const double w = quantise_weight(weight);
  if (!(std::abs(value) <= kMaxMagnitude) || w == 0) return false;
  value += 0.0;  // no negative zero: it would make the bytes of min and max depend on the order
  weight_ += w;
  squared_weight_ += signed_square(w);
  const double weighted = w * value;
  sum_.add(weighted);
  squares_.add_product(weighted, value);
  if (w != 1 && w != -1) {
    is_weighted_ = true;
    square_excess_.add_product(std::abs(w) * value, weighted);
    square_excess_.add_product(-weighted, value);
  }
  if (w < 0) return true;
  // Written so that the first value replaces NaN.
  if (!(min_ <= value)) min_ = value;
  if (!(max_ >= value)) max_ = value;
  return true;
}

void Moments::merge(const Moments& other) {
  weight_ += other.weight_;
  squared_weight_ += other.squared_weight_;
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
  square_excess_.merge(other.square_excess_);
  min_ = std::fmin(min_, other.min_);
  max_ = std::fmax(max_, other.max_);
  is_weighted_ = is_weighted_ || other.is_weighted_;
}

double Moments::effective_count() const { return effective_size(weight_, squared_weight_); }

double Moments::sum_of_weighted_squares() const {
  ExactSum total = squares_;
  total.merge(square_excess_);
  return std::max(0.0, total.value());
}

double Moments::mean() const { return weight_ > 0 ? sum_.value() / weight_ : std::numeric_limits<double>::quiet_NaN(); }

double Moments::variance() const {
  // Reliability weights: the denominator Σw - Σw²/Σw is n - 1 when all weights are 1.
  const double freedom = weight_ > 0 ? weight_ - squared_weight_ / weight_ : 0;
  if (!(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  // Σw(x-m)² = Σwx² - 2mΣwx + m²Σw, summed exactly: no cancellation whatever the mean.
  const double center = mean();
  const double sum = sum_.value();
  ExactSum rest = sum_;
  rest.add(-sum);
  ExactSum scatter = squares_;
  scatter.add_product(-2 * center, sum);
  scatter.add_product(-2 * center, rest.value());
  const double product = center * weight_;
  ExactSum product_error;
  product_error.add_product(center, weight_);
  product_error.add(-product);
  scatter.add_product(center, product);
  scatter.add_product(center, product_error.value());
  return std::max(0.0, scatter.value()) / freedom;
}

double Moments::variance_of_mean() const { return variance() / effective_count(); }

void Moments::serialize(ByteWriter& out) const {
  const bool has_extremes = !std::isnan(min_);
  out.put(kVersion);
  out.put(static_cast<uint8_t>((has_extremes ? kHasExtremes : 0) | (is_weighted_ ? kIsWeighted : 0)));
  put_weight(out, weight_);
  sum_.serialize(out);
  squares_.serialize(out);
  if (is_weighted_) {
    put_weight(out, squared_weight_);
    square_excess_.serialize(out);
  }
  if (has_extremes) {
    out.put(min_);
    out.put(max_);
  }
}

Result<Moments> Moments::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  Moments moments;
  const auto flags = in.get<uint8_t>();
  moments.is_weighted_ = (flags & kIsWeighted) != 0;
  moments.weight_ = get_weight(in);
  moments.sum_ = ExactSum::deserialize(in);
  moments.squares_ = ExactSum::deserialize(in);
  moments.squared_weight_ = moments.weight_;  // Σ sign(w)·w² = Σw while all weights are ±1
  if (moments.is_weighted_) {
    moments.squared_weight_ = get_weight(in);
    moments.square_excess_ = ExactSum::deserialize(in);
  }
  if ((flags & kHasExtremes) != 0) {
    moments.min_ = in.get<double>();
    moments.max_ = in.get<double>();
    if (!(moments.min_ <= moments.max_)) return corrupt(kWhat);
  }
  if (!in.ok()) return corrupt(kWhat);
  return moments;
}

}  // namespace tidewatch
