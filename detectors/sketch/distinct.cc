#include "detectors/sketch/distinct.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "detectors/sketch/serialized.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kRegisterForm = 1;
constexpr std::string_view kWhat = "distinct sketch";
constexpr int kPrecision = 12;
constexpr size_t kRegisters = size_t{1} << kPrecision;
constexpr int kMaxRank = 64 - kPrecision + 1;
constexpr int kFinePrecision = 25;
constexpr int kMaxFineRank = 64 - kFinePrecision + 1;
constexpr int kRankBits = 6;
constexpr int kExtraBits = kFinePrecision - kPrecision;
constexpr size_t kMaxFew = 768;  // 3 kB, the size of the registers on the wire

/// The finaliser of MurmurHash3: a bijection, so nothing is lost of a hash that is already good.
uint64_t mix(uint64_t key) {
  key ^= key >> 33;
  key *= 0xFF51AFD7ED558CCDULL;
  key ^= key >> 33;
  key *= 0xC4CEB9FE1A85EC53ULL;
  return key ^ (key >> 33);
}

uint32_t entry_of(uint64_t hash) {
  const auto index = static_cast<uint32_t>(hash >> (64 - kFinePrecision));
  const int rank = std::min(std::countl_zero(hash << kFinePrecision) + 1, kMaxFineRank);
  return index << kRankBits | static_cast<uint32_t>(rank);
}

/// Register and rank that the entry's hash has at the coarse precision.
std::pair<size_t, uint8_t> coarse(uint32_t entry) {
  const uint32_t index = entry >> kRankBits;
  const uint32_t extra = index & ((1U << kExtraBits) - 1);
  const int rank = extra != 0 ? std::countl_zero(extra) - (32 - kExtraBits) + 1
                              : kExtraBits + static_cast<int>(entry & ((1U << kRankBits) - 1));
  return {index >> kExtraBits, static_cast<uint8_t>(rank)};
}

// Ertl 2017, algorithm 6: registers that are still 0, and those that have overflowed, corrected by these series.
double sigma(double x) {
  if (x == 1) return HUGE_VAL;
  double y = 1, z = x, last = 0;
  do {
    x *= x;
    last = z;
    z += x * y;
    y += y;
  } while (z != last);
  return z;
}
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1, z = 1 - x, last = 0;
  do {
    x = std::sqrt(x);
    last = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != last);
  return z / 3;
}

}  // namespace

uint64_t hash_key(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

void DistinctSketch::add(uint64_t hash) { add_entry(entry_of(mix(hash))); }

void DistinctSketch::add_entry(uint32_t entry) {
  if (registers_.empty()) {
    add_few(entry);
    return;
  }
  const auto [at, rank] = coarse(entry);
  registers_[at] = std::max(registers_[at], rank);
}

void DistinctSketch::add_few(uint32_t entry) {
  const uint32_t index = entry >> kRankBits;
  const auto at = std::lower_bound(few_.begin(), few_.end(), index << kRankBits);
  if (at != few_.end() && *at >> kRankBits == index) {
    *at = std::max(*at, entry);
    return;
  }
  few_.insert(at, entry);
  if (few_.size() > kMaxFew) to_registers();
}

void DistinctSketch::to_registers() {
  registers_.assign(kRegisters, 0);
  std::vector<uint32_t> entries;
  entries.swap(few_);
  for (const uint32_t entry : entries) add_entry(entry);
}

void DistinctSketch::merge(const DistinctSketch& other) {
  if (&other == this) return;
  if (other.registers_.empty()) {
    for (const uint32_t entry : other.few_) add_entry(entry);
    return;
  }
  if (registers_.empty()) to_registers();
  for (size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

double DistinctSketch::estimate() const {
  if (registers_.empty()) {
    // Linear counting: how many keys leave this many of 2^25 hashes unused.
    constexpr double kSlots = 1 << kFinePrecision;
    return kSlots * std::log(kSlots / (kSlots - static_cast<double>(few_.size())));
  }
  std::array<double, kMaxRank + 1> histogram{};
  for (const uint8_t rank : registers_) ++histogram[rank];
  constexpr double kCount = kRegisters;
  double sum = kCount * tau(1 - histogram[kMaxRank] / kCount);
  for (int rank = kMaxRank - 1; rank >= 1; --rank) sum = 0.5 * (sum + histogram[static_cast<size_t>(rank)]);
  sum += kCount * sigma(histogram[0] / kCount);
  return kCount * kCount / (2 * std::log(2.0) * sum);
}

double DistinctSketch::variance() const {
  const double number = estimate();
  if (registers_.empty()) return number * number / (2.0 * (1 << kFinePrecision));
  return 1.04 * 1.04 / static_cast<double>(kRegisters) * number * number;
}

size_t DistinctSketch::memory_bytes() const {
  return sizeof(*this) + few_.capacity() * sizeof(uint32_t) + registers_.capacity();
}

void DistinctSketch::serialize(ByteWriter& out) const {
  out.put(kVersion);
  if (registers_.empty()) {
    out.put(uint8_t{0});
    out.put_varint(few_.size());
    uint32_t last = 0;
    for (const uint32_t entry : few_) {
      out.put_varint(entry - last);
      last = entry;
    }
    return;
  }
  out.put(kRegisterForm);
  for (size_t i = 0; i < kRegisters; i += 4) {  // four ranks of 6 bits in three bytes
    const uint32_t packed = static_cast<uint32_t>(registers_[i]) | static_cast<uint32_t>(registers_[i + 1]) << 6 |
                            static_cast<uint32_t>(registers_[i + 2]) << 12 |
                            static_cast<uint32_t>(registers_[i + 3]) << 18;
    out.put(static_cast<uint16_t>(packed & 0xFFFF));
    out.put(static_cast<uint8_t>(packed >> 16));
  }
}

Result<DistinctSketch> DistinctSketch::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  DistinctSketch sketch;
  const auto form = in.get<uint8_t>();
  if (form == kRegisterForm) {
    if (in.left() < kRegisters / 4 * 3) return corrupt(kWhat);
    sketch.registers_.reserve(kRegisters);
    while (sketch.registers_.size() < kRegisters) {
      uint32_t packed = in.get<uint16_t>();
      packed |= static_cast<uint32_t>(in.get<uint8_t>()) << 16;
      for (unsigned shift = 0; shift < 24; shift += 6) {
        const auto rank = static_cast<uint8_t>(packed >> shift & 0x3F);
        if (rank > kMaxRank) return corrupt(kWhat);
        sketch.registers_.push_back(rank);
      }
    }
    return sketch;
  }
  const uint64_t count = in.get_count();
  if (form != 0 || count > kMaxFew) return corrupt(kWhat);
  sketch.few_.reserve(count);
  uint64_t entry = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t step = in.get_varint();
    const uint64_t last_index = entry >> kRankBits;
    entry += step;
    const uint64_t rank = entry & ((1U << kRankBits) - 1);
    const bool is_sorted = i == 0 || entry >> kRankBits > last_index;
    if (step >> 32 != 0 || entry >> (kFinePrecision + kRankBits) != 0 || !is_sorted || rank < 1 || rank > kMaxFineRank)
      return corrupt(kWhat);
    sketch.few_.push_back(static_cast<uint32_t>(entry));
  }
  if (!in.ok()) return corrupt(kWhat);
  return sketch;
}

}  // namespace tidewatch
