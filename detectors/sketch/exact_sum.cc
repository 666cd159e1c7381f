#include "detectors/sketch/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tidewatch {
namespace {

constexpr int kBitsPerLimb = 32;
constexpr int kLowestExponent = 1074;  // the smallest denormal is 2^-1074
constexpr int kMaxLimb = 2045 / kBitsPerLimb;

// Wraps instead of overflowing: damaged bytes may hold any integers, and must not be undefined behaviour.
int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

}  // namespace

void ExactSum::raise(int limb) {
  if (limb <= limb_) return;
  const auto by = static_cast<size_t>(limb - limb_);
  for (size_t i = 0; i < kPieces; ++i) pieces_[i] = i + by < kPieces ? pieces_[i + by] : 0;
  limb_ = static_cast<int16_t>(limb);
}

void ExactSum::add(double term) {
  const auto bits = std::bit_cast<uint64_t>(term);
  const auto biased = static_cast<int>((bits >> 52) & 0x7FF);
  uint64_t mantissa = bits & 0xF'FFFF'FFFF'FFFF;
  if (biased != 0)
    mantissa |= uint64_t{1} << 52;
  else if (mantissa == 0)
    return;
  const int position = biased == 0 ? 0 : biased - 1;  // of the last mantissa bit, above 2^-1074
  const int limb = position / kBitsPerLimb;
  const int shift = position % kBitsPerLimb;
  if (limb > limb_) [[unlikely]]
    raise(limb);
  const uint64_t low = mantissa << shift;
  const uint64_t high = shift == 0 ? 0 : mantissa >> (64 - shift);
  const std::array<int64_t, 3> parts{static_cast<int64_t>(low & 0xFFFF'FFFF), static_cast<int64_t>(low >> 32),
                                     static_cast<int64_t>(high)};
  const int64_t sign = (bits >> 63) != 0 ? -1 : 1;
  const int first = limb - limb_ + 1;  // 1 for the largest terms, below 0 where pieces fall off the grid
  for (int i = std::max(0, -first); i < 3; ++i) {
    const auto to = static_cast<size_t>(first) + static_cast<size_t>(i);
    pieces_[to] = wrapping_add(pieces_[to], sign * parts[static_cast<size_t>(i)]);
  }
}

void ExactSum::add_product(double a, double b) {
  const double high = a * b;
  add(high);
  // Veltkamp's split: halves of 26 bits whose products are exact. std::fma would be a library call without -mfma.
  constexpr double kSplit = 134217729.0;
  const double scaled_a = a * kSplit, scaled_b = b * kSplit;
  const double a_high = scaled_a - (scaled_a - a), b_high = scaled_b - (scaled_b - b);
  const double a_low = a - a_high, b_low = b - b_high;
  const double low = a_low * b_low - (((high - a_high * b_high) - a_low * b_high) - a_high * b_low);
  if (low != 0 && std::isfinite(low)) add(low);
}

void ExactSum::merge(const ExactSum& other) {
  raise(other.limb_);
  const auto down = static_cast<size_t>(limb_ - other.limb_);
  for (size_t i = down; i < kPieces; ++i) pieces_[i - down] = wrapping_add(pieces_[i - down], other.pieces_[i]);
}

double ExactSum::value() const {
  // Carries upwards into 32-bit digits. A negative sum is negated first, so that no digit cancels another.
  const auto carried = [](const std::array<int64_t, kPieces>& from, bool negate) {
    std::array<int64_t, kPieces + 1> digits{};
    int64_t carry = 0;
    for (size_t i = 0; i < kPieces; ++i) {
      const int64_t piece = negate ? wrapping_add(~from[i], 1) : from[i];
      const int64_t low = (piece & 0xFFFF'FFFF) + (carry & 0xFFFF'FFFF);
      digits[i] = low & 0xFFFF'FFFF;
      carry = (piece >> 32) + (carry >> 32) + (low >> 32);
    }
    digits[kPieces] = carry;
    return digits;
  };
  auto digits = carried(pieces_, false);
  const bool is_negative = digits[kPieces] < 0;
  if (is_negative) digits = carried(pieces_, true);
  double sum = 0;
  for (size_t i = digits.size(); i-- > 0;)
    sum +=
        std::ldexp(static_cast<double>(digits[i]), kBitsPerLimb * (limb_ - 1 + static_cast<int>(i)) - kLowestExponent);
  return is_negative ? -sum : sum;
}

bool ExactSum::is_zero() const { return value() == 0; }

void ExactSum::serialize(ByteWriter& out) const {
  out.put(static_cast<uint8_t>(limb_));
  for (const int64_t piece : pieces_) out.put_signed(piece);
}

ExactSum ExactSum::deserialize(ByteReader& in) {
  ExactSum sum;
  sum.limb_ = static_cast<int16_t>(std::min<int>(in.get<uint8_t>(), kMaxLimb));
  for (int64_t& piece : sum.pieces_) piece = in.get_signed();
  return sum;
}

}  // namespace tidewatch
