#include "detectors/decide/slo/slot_counts.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tidewatch {
namespace {

constexpr double kUnit = 1000;
/// A broken counter may claim anything; so many of these add up without overflow.
constexpr double kMostOfOne = 1e12;

int64_t to_units(double count) { return std::llround(std::clamp(count, -kMostOfOne, kMostOfOne) * kUnit); }

}  // namespace

void SlotCounts::advance(Timestamp now, Duration length) {
  const Timestamp slot = align_down(now, width_);
  const auto most = static_cast<size_t>((length + width_ - Duration(1)) / width_) + 1;
  if (present_ == kMinTimestamp || (slot - present_) / width_ > static_cast<int64_t>(most)) {
    slots_.assign(1, {});
    present_ = slot;
  }
  for (; present_ < slot; present_ += width_) slots_.emplace_back();
  if (slots_.size() > most) slots_.erase(slots_.begin(), slots_.end() - static_cast<std::ptrdiff_t>(most));
}

bool SlotCounts::add(Timestamp time, const SloCounts& counts) {
  if (present_ == kMinTimestamp || time >= present_ + width_) return false;
  const auto back = static_cast<size_t>((present_ - align_down(time, width_)) / width_);
  if (back >= slots_.size()) return false;
  Slot& slot = slots_[slots_.size() - 1 - back];
  slot.events += to_units(counts.events);
  slot.bad += to_units(counts.bad);
  slot.effective += to_units(counts.effective);
  slot.effective_bad += to_units(counts.effective_bad);
  return true;
}

SlotCounts::Window SlotCounts::since(Timestamp start, Timestamp limit, double least) const {
  Window out{start, {}};
  Timestamp slot_start = present_;
  for (size_t i = slots_.size(); i > 0; --i, slot_start -= width_) {
    const bool is_asked_for = slot_start + width_ > start;
    if (!is_asked_for && (out.counts.events >= least || slot_start < limit)) break;
    const Slot& slot = slots_[i - 1];
    double part = 1;
    if (is_asked_for && slot_start < start && out.counts.events >= least)
      part = to_seconds(slot_start + width_ - start) / to_seconds(width_);
    out.counts.events += part * static_cast<double>(slot.events) / kUnit;
    out.counts.bad += part * static_cast<double>(slot.bad) / kUnit;
    out.counts.effective += part * static_cast<double>(slot.effective) / kUnit;
    out.counts.effective_bad += part * static_cast<double>(slot.effective_bad) / kUnit;
    if (part == 1) out.start = std::min(out.start, slot_start);
  }
  SloCounts& sum = out.counts;
  for (double* count : {&sum.events, &sum.bad, &sum.effective, &sum.effective_bad}) *count = std::max(0.0, *count);
  sum.bad = std::min(sum.bad, sum.events);
  sum.effective_bad = std::min(sum.effective_bad, sum.effective);
  return out;
}

void SlotCounts::save(ByteWriter& out) const {
  out.put(present_.time_since_epoch().count());
  out.put_varint(slots_.size());
  for (const Slot& slot : slots_) {
    out.put_signed(slot.events);
    out.put_signed(slot.bad);
    out.put_signed(slot.events - slot.effective);  // 0 where nothing is sampled
    out.put_signed(slot.bad - slot.effective_bad);
  }
}

bool SlotCounts::load(ByteReader& in) {
  present_ = Timestamp(Duration(in.get<int64_t>()));
  slots_.clear();
  for (uint64_t left = in.get_count(4); left > 0; --left) {
    Slot& slot = slots_.emplace_back();
    slot.events = in.get_signed();
    slot.bad = in.get_signed();
    slot.effective = slot.events - in.get_signed();
    slot.effective_bad = slot.bad - in.get_signed();
  }
  const bool is_time = present_ >= Timestamp() && present_ < Timestamp::max() - std::chrono::hours(24 * 366) &&
                       align_down(present_, width_) == present_;
  return in.ok() && (present_ == kMinTimestamp ? slots_.empty() : is_time && !slots_.empty());
}

}  // namespace tidewatch
