#include "detectors/sketch/category_counts.h"

#include <algorithm>
#include <cmath>

#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kWhat = "category counts";

std::string_view cut(std::string_view name) {
  if (name.size() <= CategoryCounts::kMaxNameBytes) return name;
  size_t size = CategoryCounts::kMaxNameBytes;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80) --size;  // not before a continuation byte
  return name.substr(0, size);
}

constexpr auto kByName = [](const auto& entry, std::string_view name) { return entry.first < name; };

}  // namespace

void CategoryCounts::add(std::string_view name, double weight) {
  if (const double w = quantise_weight(weight); w != 0) add_quantised(cut(name), w);
}

void CategoryCounts::add_quantised(std::string_view name, double weight) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), name, kByName);
  if (at != entries_.end() && at->first == name) {
    at->second += weight;
    if (at->second == 0) entries_.erase(at);
    return;
  }
  entries_.emplace(at, name, weight);
  if (entries_.size() > kMaxCategories) drop_lightest();
}

void CategoryCounts::drop_lightest() {
  auto lightest = entries_.begin();
  for (auto it = entries_.begin(); it != entries_.end(); ++it)
    if (std::abs(it->second) <= std::abs(lightest->second)) lightest = it;
  other_ += lightest->second;
  entries_.erase(lightest);
}

void CategoryCounts::merge(const CategoryCounts& other) {
  // Both sums first, then what is too much: the order of the two does not matter.
  std::vector<std::pair<std::string, double>> merged;
  merged.reserve(entries_.size() + other.entries_.size());
  auto a = entries_.begin();
  auto b = other.entries_.begin();
  while (a != entries_.end() || b != other.entries_.end()) {
    const bool take_a = b == other.entries_.end() || (a != entries_.end() && a->first <= b->first);
    const bool take_b = a == entries_.end() || (b != other.entries_.end() && b->first <= a->first);
    const double weight = (take_a ? a->second : 0) + (take_b ? b->second : 0);
    if (weight != 0) merged.emplace_back(take_a ? a->first : b->first, weight);
    if (take_a) ++a;
    if (take_b) ++b;
  }
  other_ += other.other_;
  entries_ = std::move(merged);
  while (entries_.size() > kMaxCategories) drop_lightest();
}

std::vector<std::pair<std::string, double>> CategoryCounts::top(size_t count) const {
  auto heaviest = entries_;
  std::erase_if(heaviest, [](const auto& entry) { return entry.second <= 0; });
  std::stable_sort(heaviest.begin(), heaviest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (heaviest.size() > count) heaviest.resize(count);
  return heaviest;
}

double CategoryCounts::weight_of(std::string_view name) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), cut(name), kByName);
  return at != entries_.end() && at->first == cut(name) ? at->second : 0;
}

double CategoryCounts::total() const {
  double total = other_;
  for (const auto& [name, weight] : entries_) total += weight;
  return std::max(0.0, total);
}

size_t CategoryCounts::memory_bytes() const {
  size_t bytes = sizeof(*this) + entries_.capacity() * sizeof(entries_[0]);
  for (const auto& [name, weight] : entries_)
    if (name.capacity() > std::string().capacity()) bytes += name.capacity() + 1;
  return bytes;
}

void CategoryCounts::serialize(ByteWriter& out) const {
  out.put(kVersion);
  put_weight(out, other_);
  out.put_varint(entries_.size());
  for (const auto& [name, weight] : entries_) {
    out.put_string(name);
    put_weight(out, weight);
  }
}

Result<CategoryCounts> CategoryCounts::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  CategoryCounts counts;
  counts.other_ = get_weight(in);
  const uint64_t size = in.get_count(2);
  if (size > kMaxCategories) return corrupt(kWhat);
  counts.entries_.reserve(size);
  for (uint64_t i = 0; i < size; ++i) {
    const std::string_view name = in.get_string();
    const double weight = get_weight(in);
    const bool is_sorted = counts.entries_.empty() || counts.entries_.back().first < name;
    if (!in.ok() || !is_sorted || weight == 0 || name.size() > kMaxNameBytes) return corrupt(kWhat);
    counts.entries_.emplace_back(name, weight);
  }
  if (!in.ok()) return corrupt(kWhat);
  return counts;
}

}  // namespace tidewatch
