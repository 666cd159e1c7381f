#include "detectors/sketch/moments.h"

#include <algorithm>
#include <cmath>

#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {
constexpr uint8_t kPlainVersion = 1;
constexpr uint8_t kVersion = 2;  // weighted: 1 has no sum of squared weights times values
constexpr uint8_t kHasExtremes = 1;
constexpr uint8_t kIsWeighted = 2;
constexpr std::string_view kWhat = "moments";

/// Σv(x - c)² = Σvx² - 2cΣvx + c²Σv, summed exactly: no cancellation whatever the center.
double scatter(double weight, const ExactSum& sum, const ExactSum& squares, double center) {
  const double rounded = sum.value();
  ExactSum rest = sum;
  rest.add(-rounded);
  ExactSum scatter = squares;
  scatter.add_product(-2 * center, rounded);
  scatter.add_product(-2 * center, rest.value());
  const double product = center * weight;
  ExactSum product_error;
  product_error.add_product(center, weight);
  product_error.add(-product);
  scatter.add_product(center, product);
  scatter.add_product(center, product_error.value());
  return std::max(0.0, scatter.value());
}
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
    if (!excess_) excess_ = Boxed(Excess{});
    const double squared = signed_square(w) * value;
    excess_->square.add_product(squared, value);
    excess_->square.add_product(-weighted, value);
    excess_->sum.add(squared);
    excess_->sum.add(-weighted);
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
  if (other.excess_) {
    if (!excess_) excess_ = Boxed(Excess{});
    excess_->square.merge(other.excess_->square);
    excess_->sum.merge(other.excess_->sum);
  }
  min_ = std::fmin(min_, other.min_);
  max_ = std::fmax(max_, other.max_);
}

double Moments::effective_count() const { return effective_size(weight_, squared_weight_); }

double Moments::sum_of_weighted_squares() const {
  ExactSum total = squares_;
  if (excess_) total.merge(excess_->square);
  return std::max(0.0, total.value());
}

double Moments::mean() const { return weight_ > 0 ? sum_.value() / weight_ : std::numeric_limits<double>::quiet_NaN(); }

double Moments::variance() const {
  // Reliability weights: the denominator Σw - Σw²/Σw is n - 1 when all weights are 1.
  const double freedom = weight_ > 0 ? weight_ - squared_weight_ / weight_ : 0;
  if (!(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  return scatter(weight_, sum_, squares_, mean()) / freedom;
}

double Moments::variance_of_mean() const {
  const double count = effective_count();
  if (!excess_) return variance() / count;
  if (!(count > 1)) return std::numeric_limits<double>::quiet_NaN();
  ExactSum sum = sum_;
  sum.merge(excess_->sum);
  ExactSum squares = squares_;
  squares.merge(excess_->square);
  return scatter(squared_weight_, sum, squares, mean()) / (weight_ * weight_) * count / (count - 1);
}

void Moments::serialize(ByteWriter& out) const {
  const bool has_extremes = !std::isnan(min_);
  out.put(excess_ ? kVersion : kPlainVersion);
  out.put(static_cast<uint8_t>((has_extremes ? kHasExtremes : 0) | (excess_ ? kIsWeighted : 0)));
  put_weight(out, weight_);
  sum_.serialize(out);
  squares_.serialize(out);
  if (excess_) {
    put_weight(out, squared_weight_);
    excess_->square.serialize(out);
    excess_->sum.serialize(out);
  }
  if (has_extremes) {
    out.put(min_);
    out.put(max_);
  }
}

Result<Moments> Moments::deserialize(ByteReader& in) {
  const auto version = expect_version(in, kVersion, kWhat);
  if (!version) return version.error();
  Moments moments;
  const auto flags = in.get<uint8_t>();
  moments.weight_ = get_weight(in);
  moments.sum_ = ExactSum::deserialize(in);
  moments.squares_ = ExactSum::deserialize(in);
  moments.squared_weight_ = moments.weight_;  // Σ sign(w)·w² = Σw while all weights are ±1
  if ((flags & kIsWeighted) != 0) {
    moments.squared_weight_ = get_weight(in);
    moments.excess_ = Boxed(Excess{});
    moments.excess_->square = ExactSum::deserialize(in);
    if (*version > kPlainVersion) {
      moments.excess_->sum = ExactSum::deserialize(in);
    } else if (moments.weight_ > 0) {  // as if the weights had nothing to do with the values
      moments.excess_->sum.add((moments.squared_weight_ / moments.weight_ - 1) * moments.sum_.value());
    }
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
