#include "detectors/detect/novelty/slot_means.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

// Cycles over which it is judged how well slots foretell.
constexpr double kCyclesJudged = 4;
// Share of a cycle that must have been judged before slots are believed at all.
constexpr double kShareBefore = 0.25;

}  // namespace

SlotMeans::SlotMeans(size_t slots, double half_life, double memory)
    : newest_weight_(1 - std::exp2(-1 / half_life)), memory_(memory), means_(slots), visits_(slots) {}

double SlotMeans::expected(size_t slot) const {
  if (visits_[slot] == 0 || compared_ <= kShareBefore * static_cast<double>(means_.size()) || !(mean_error_ > 0))
    return mean_;
  const double skill = std::clamp(1 - slot_error_ / mean_error_, 0.0, 1.0);
  return mean_ + skill * (means_[slot] - mean_);
}

void SlotMeans::end_visit() {
  const double seen = visit_sum_ / visit_rows_;
  double& mean = means_[slot_];
  if (visits_[slot_] > 0) {
    compared_ += 1;
    const double weight = std::max(1 / compared_, 1 / (kCyclesJudged * static_cast<double>(means_.size())));
    slot_error_ += weight * ((seen - mean) * (seen - mean) - slot_error_);
    mean_error_ += weight * ((seen - mean_) * (seen - mean_) - mean_error_);
  }
  visits_[slot_] = std::min(visits_[slot_] + 1, 1e6F);
  mean += std::max(newest_weight_, 1.0 / visits_[slot_]) * (seen - mean);
  visit_sum_ = visit_rows_ = 0;
}

void SlotMeans::learn(size_t slot, double value) {
  if (visit_rows_ > 0 && slot != slot_) end_visit();
  slot_ = slot;
  rows_ = std::min(rows_ + 1, memory_);
  mean_ += (value - mean_) / rows_;
  visit_sum_ += value;
  visit_rows_ += 1;
}

size_t SlotMeans::memory_bytes() const { return means_.size() * (sizeof(double) + sizeof(float)); }

void SlotMeans::save(ByteWriter& out) const {
  for (size_t i = 0; i < means_.size(); ++i) {
    out.put(means_[i]);
    out.put(visits_[i]);
  }
  for (const double value : {mean_, rows_, slot_error_, mean_error_, compared_, visit_sum_, visit_rows_})
    out.put(value);
  out.put(static_cast<uint32_t>(slot_));
}

bool SlotMeans::load(ByteReader& in) {
  bool is_good = true;
  for (size_t i = 0; i < means_.size(); ++i) {
    means_[i] = in.get<double>();
    visits_[i] = in.get<float>();
    is_good = is_good && std::isfinite(means_[i]) && std::isfinite(visits_[i]) && visits_[i] >= 0;
  }
  for (double* value : {&mean_, &rows_, &slot_error_, &mean_error_, &compared_, &visit_sum_, &visit_rows_}) {
    *value = in.get<double>();
    is_good = is_good && std::isfinite(*value);
  }
  slot_ = in.get<uint32_t>();
  return in.ok() && is_good && slot_ < means_.size() && rows_ >= 0 && slot_error_ >= 0 && mean_error_ >= 0 &&
         compared_ >= 0 && visit_rows_ >= 0;
}

}  // namespace tidewatch
