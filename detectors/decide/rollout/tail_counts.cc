#include "detectors/decide/rollout/tail_counts.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kLogWidth = 0.048790164169432;  // log 1.05
/// Zero, and what is as good as zero.
constexpr int32_t kZero = -600;

int32_t class_of(double value) {
  if (!(value > 0)) return kZero;
  return std::clamp(static_cast<int32_t>(std::floor(std::log(value) / kLogWidth)), kZero, -kZero);
}

double low_end(int32_t index) { return index <= kZero ? 0 : std::exp(index * kLogWidth); }
double high_end(int32_t index) { return std::exp((index + 1) * kLogWidth); }

}  // namespace

void TailCounts::add(double value, double weight) {
  if (weight == 0) return;
  const int32_t index = class_of(value);
  const auto at = std::lower_bound(counts_.begin(), counts_.end(), index,
                                   [](const auto& entry, int32_t wanted) { return entry.first < wanted; });
  if (at != counts_.end() && at->first == index)
    at->second += weight;
  else
    counts_.insert(at, {index, weight});
}

void TailCounts::merge(const TailCounts& other) {
  std::vector<std::pair<int32_t, double>> merged;
  merged.reserve(counts_.size() + other.counts_.size());
  auto own = counts_.begin();
  auto their = other.counts_.begin();
  while (own != counts_.end() || their != other.counts_.end()) {
    if (their == other.counts_.end() || (own != counts_.end() && own->first < their->first)) {
      merged.push_back(*own++);
    } else if (own == counts_.end() || their->first < own->first) {
      merged.push_back(*their++);
    } else {
      merged.emplace_back(own->first, own->second + their->second);
      ++own;
      ++their;
    }
  }
  counts_ = std::move(merged);
  effective_ += other.effective_;
}

double TailCounts::count() const {
  double out = 0;
  for (const auto& [index, weight] : counts_) out += weight;
  return out;
}

double TailCounts::above(double cut) const {
  double out = 0;
  for (auto at = counts_.rbegin(); at != counts_.rend(); ++at) {
    const double low = low_end(at->first);
    const double high = high_end(at->first);
    if (high <= cut) break;
    out += at->second * (low >= cut ? 1 : (high - cut) / (high - low));
  }
  return out;
}

double TailCounts::quantile(double q) const {
  double wanted = (1 - q) * count();
  for (auto at = counts_.rbegin(); at != counts_.rend(); ++at) {
    if (at->second >= wanted && at->second > 0) {
      const double high = high_end(at->first);
      return high - (high - low_end(at->first)) * wanted / at->second;
    }
    wanted -= at->second;
  }
  return 0;
}

void TailCounts::save(ByteWriter& out) const {
  out.put(effective_);
  out.put_varint(counts_.size());
  int32_t last = 0;
  for (const auto& [index, weight] : counts_) {
    out.put_signed(index - last);
    last = index;
    // Nearly all weights are small whole numbers.
    const bool is_whole = weight > 0 && weight < 1e15 && weight == std::floor(weight);
    out.put_varint(is_whole ? static_cast<uint64_t>(weight) : 0);
    if (!is_whole) out.put(weight);
  }
}

bool TailCounts::load(ByteReader& in) {
  effective_ = in.get<double>();
  counts_.clear();
  const uint64_t size = in.get_count(2);
  int64_t last = kZero - 1;
  int64_t index = 0;
  for (uint64_t i = 0; i < size; ++i) {
    index += in.get_signed();
    const uint64_t whole = in.get_varint();
    const double weight = whole != 0 ? static_cast<double>(whole) : in.get<double>();
    if (index <= last || index > -kZero || !std::isfinite(weight)) return false;
    counts_.emplace_back(static_cast<int32_t>(index), weight);
    last = index;
  }
  return in.ok() && std::isfinite(effective_);
}

}  // namespace tidewatch
