#include "detectors/sketch/heavy_hitters.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "detectors/core/check.h"
#include "detectors/sketch/serialized.h"
#include "detectors/sketch/weight.h"

namespace tidewatch {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kWhat = "heavy hitters";

bool is_heavier(const HeavyHitters::Hitter& a, const HeavyHitters::Hitter& b) {
  return a.estimate != b.estimate ? a.estimate > b.estimate : a.key < b.key;
}

}  // namespace

HeavyHitters::HeavyHitters(uint32_t capacity) : capacity_(capacity) {
  TW_CHECK(capacity >= 1 && capacity <= kMaxCapacity, "heavy hitters: capacity out of range");
}

// The key breaks ties, so that which one is dropped does not depend on the heap's history.
bool HeavyHitters::comes_before(size_t a, size_t b) const { return is_heavier(heap_[b], heap_[a]); }

void HeavyHitters::place(size_t at, Hitter hitter) {
  place_[hitter.key] = at;
  heap_[at] = std::move(hitter);
}

void HeavyHitters::sift(size_t at) {
  const auto exchange = [this](size_t a, size_t b) {
    std::swap(heap_[a], heap_[b]);
    place_[heap_[a].key] = a;
    place_[heap_[b].key] = b;
  };
  for (; at > 0 && comes_before(at, (at - 1) / 2); at = (at - 1) / 2) exchange(at, (at - 1) / 2);
  while (true) {
    size_t first = at;
    for (const size_t child : {2 * at + 1, 2 * at + 2})
      if (child < heap_.size() && comes_before(child, first)) first = child;
    if (first == at) return;
    exchange(at, first);
    at = first;
  }
}

void HeavyHitters::add(std::string_view key, double weight) {
  const double w = quantise_weight(weight);
  if (!(w > 0)) return;
  total_ += w;
  if (const auto found = place_.find(std::string(key)); found != place_.end()) {
    Hitter& hitter = heap_[found->second];
    hitter.estimate += w;
    hitter.guaranteed += w;
    sift(found->second);
    return;
  }
  if (heap_.size() < capacity_) {
    heap_.emplace_back();
    place(heap_.size() - 1, {std::string(key), absent_ + w, w});
    sift(heap_.size() - 1);
    return;
  }
  // The lightest gives up its counter; what it may weigh, any key not kept may.
  absent_ = std::max(absent_, heap_[0].estimate);
  place_.erase(heap_[0].key);
  place(0, {std::string(key), absent_ + w, w});
  sift(0);
}

void HeavyHitters::merge(const HeavyHitters& other) {
  TW_CHECK(capacity_ == other.capacity_, "heavy hitters of different capacity cannot be merged");
  // As Misra-Gries summaries, which a full Space-Saving one equals after taking its least counter from all: counts
  // above the bound of absent keys add up, and so do the bounds. Then the capacity-th largest is taken from all, which
  // keeps fewer than `capacity` keys and the sum of counters within the total.
  const auto bound_of = [](const HeavyHitters& from) {
    return from.heap_.size() == from.capacity_ ? std::max(from.absent_, from.heap_[0].estimate) : from.absent_;
  };
  const double bound = bound_of(*this);
  const double other_bound = bound_of(other);
  std::unordered_map<std::string, Hitter> sum;  // estimate: the part above the bounds
  const auto take = [&sum](const HeavyHitters& from, double from_bound) {
    for (const Hitter& hitter : from.heap_) {
      Hitter& into = sum.try_emplace(hitter.key, Hitter{hitter.key, 0, 0}).first->second;
      into.estimate += std::max(0.0, hitter.estimate - from_bound);
      into.guaranteed += hitter.guaranteed;
    }
  };
  take(*this, bound);
  take(other, other_bound);
  std::vector<Hitter> hitters;
  hitters.reserve(sum.size());
  for (auto& [key, hitter] : sum) hitters.push_back(std::move(hitter));
  std::sort(hitters.begin(), hitters.end(), is_heavier);
  const double taken = hitters.size() >= capacity_ ? hitters[capacity_ - 1].estimate : 0;
  std::erase_if(hitters, [taken](const Hitter& hitter) { return !(hitter.estimate > taken); });
  absent_ = bound + other_bound + taken;
  for (Hitter& hitter : hitters) hitter.estimate += absent_ - taken;
  total_ += other.total_;
  rebuild(std::move(hitters));
}

void HeavyHitters::rebuild(std::vector<Hitter> hitters) {
  // Lightest first is a heap already.
  std::sort(hitters.begin(), hitters.end(), [](const Hitter& a, const Hitter& b) { return is_heavier(b, a); });
  heap_ = std::move(hitters);
  place_.clear();
  for (size_t i = 0; i < heap_.size(); ++i) place_[heap_[i].key] = i;
}

std::vector<HeavyHitters::Hitter> HeavyHitters::top(size_t count) const {
  auto hitters = heap_;
  std::sort(hitters.begin(), hitters.end(), is_heavier);
  if (hitters.size() > count) hitters.resize(count);
  return hitters;
}

std::vector<HeavyHitters::Hitter> HeavyHitters::certainly_above(double share) const {
  auto hitters = top(heap_.size());
  std::erase_if(hitters, [&](const Hitter& hitter) { return !(hitter.guaranteed > share * total_); });
  return hitters;
}

HeavyHitters::Hitter HeavyHitters::estimate(std::string_view key) const {
  const auto found = place_.find(std::string(key));
  return found == place_.end() ? Hitter{std::string(key), absent_, 0} : heap_[found->second];
}

size_t HeavyHitters::memory_bytes() const {
  // A node of the map: the pair, the hash, the next pointer.
  constexpr size_t kNodeBytes = sizeof(std::pair<const std::string, size_t>) + 2 * sizeof(void*);
  size_t bytes = sizeof(*this) + heap_.capacity() * sizeof(Hitter) + place_.size() * kNodeBytes +
                 place_.bucket_count() * sizeof(void*);
  for (const Hitter& hitter : heap_)
    if (hitter.key.capacity() > std::string().capacity()) bytes += 2 * (hitter.key.capacity() + 1);
  return bytes;
}

void HeavyHitters::serialize(ByteWriter& out) const {
  out.put(kVersion);
  out.put_varint(capacity_);
  put_weight(out, total_);
  put_weight(out, absent_);
  out.put_varint(heap_.size());
  for (const Hitter& hitter : top(heap_.size())) {
    out.put_string(hitter.key);
    put_weight(out, hitter.estimate);
    put_weight(out, hitter.guaranteed);
  }
}

Result<HeavyHitters> HeavyHitters::deserialize(ByteReader& in) {
  if (auto version = expect_version(in, kVersion, kWhat); !version) return version.error();
  const uint64_t capacity = in.get_varint();
  if (!in.ok() || capacity < 1 || capacity > kMaxCapacity) return corrupt(kWhat);
  HeavyHitters sketch(static_cast<uint32_t>(capacity));
  sketch.total_ = get_weight(in);
  sketch.absent_ = get_weight(in);
  const uint64_t size = in.get_count(3);
  if (size > capacity || sketch.total_ < 0 || sketch.absent_ < 0) return corrupt(kWhat);
  std::vector<Hitter> hitters;
  hitters.reserve(size);
  for (uint64_t i = 0; i < size; ++i) {
    Hitter hitter;
    hitter.key = in.get_string();
    hitter.estimate = get_weight(in);
    hitter.guaranteed = get_weight(in);
    if (!in.ok() || hitter.guaranteed < 0 || hitter.guaranteed > hitter.estimate) return corrupt(kWhat);
    hitters.push_back(std::move(hitter));
  }
  if (!in.ok()) return corrupt(kWhat);
  sketch.rebuild(std::move(hitters));
  if (sketch.place_.size() != sketch.heap_.size()) return corrupt(kWhat);  // a key twice
  return sketch;
}

}  // namespace tidewatch
