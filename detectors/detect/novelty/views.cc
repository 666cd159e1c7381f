#include "detectors/detect/novelty/views.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr size_t kHours = 24;
constexpr size_t kHoursOfWeek = 168;
// Visits until what was learnt of an hour counts half: a week of days, three weeks.
constexpr double kDayHalfLife = 8;
constexpr double kWeekHalfLife = 3;
// Rows from which the scale of the series is taken.
constexpr double kMeasuredRows = 150;
// Steps below this share of the spread do not make a series smoother: all of it is as good as constant.
constexpr double kLeastStep = 1e-3;

size_t hour_of(SeasonSlot slot) { return slot.hour % kHours; }
size_t hour_of_week(SeasonSlot slot) { return (slot.holiday ? 6 : slot.weekday % 7) * kHours + hour_of(slot); }

}  // namespace

Views::Views(const Lengths& lengths)
    : day_(kHours, kDayHalfLife, lengths.memory),
      week_(kHoursOfWeek, kWeekHalfLife, lengths.memory),
      by_day_(lengths.level),
      by_week_(lengths.level),
      steps_(lengths.roughness) {}

double Views::squared_step(double value) const { return rows_ > 0 ? (value - last_) * (value - last_) : 0; }

ViewOf Views::look(double value, SeasonSlot slot) const {
  ViewOf out;
  const double by_day = value - (rows_ > 0 ? day_.expected(hour_of(slot)) : value);
  const double expected = rows_ > 0 ? week_.expected(hour_of_week(slot)) : value;
  const double by_week = value - expected;
  const double spread = rows_ > 1 ? std::sqrt(squares_ / rows_) : 0;
  const double floor = kLeastStep * spread + 1e-9 * magnitude_ + 1e-200;
  out.values = {by_day, by_week, by_day_.mean_with(by_day), by_week_.mean_with(by_week),
                std::log(std::sqrt(steps_.mean_with(squared_step(value))) + floor)};
  out.magnitudes = {magnitude_, magnitude_, magnitude_, magnitude_, 1};
  out.expected = expected;
  return out;
}

void Views::learn(double value, SeasonSlot slot) {
  const ViewOf seen = look(value, slot);
  by_day_.add(seen.values[static_cast<size_t>(View::value_by_day)]);
  by_week_.add(seen.values[static_cast<size_t>(View::value_by_week)]);
  steps_.add(squared_step(value));
  day_.learn(hour_of(slot), value);
  week_.learn(hour_of_week(slot), value);
  last_ = value;
  if (rows_ >= kMeasuredRows) return;
  rows_ += 1;
  const double before = value - mean_;
  mean_ += before / rows_;
  squares_ += before * (value - mean_);
  magnitude_ += (std::abs(value) - magnitude_) / rows_;
}

size_t Views::memory_bytes() const {
  return day_.memory_bytes() + week_.memory_bytes() + by_day_.memory_bytes() + by_week_.memory_bytes() +
         steps_.memory_bytes();
}

void Views::save(ByteWriter& out) const {
  day_.save(out);
  week_.save(out);
  for (const Recent* recent : {&by_day_, &by_week_, &steps_}) recent->save(out);
  for (const double value : {last_, rows_, mean_, squares_, magnitude_}) out.put(value);
}

bool Views::load(ByteReader& in) {
  bool is_good = day_.load(in) && week_.load(in);
  for (Recent* recent : {&by_day_, &by_week_, &steps_}) is_good = is_good && recent->load(in);
  for (double* value : {&last_, &rows_, &mean_, &squares_, &magnitude_}) {
    *value = in.get<double>();
    is_good = is_good && std::isfinite(*value);
  }
  return in.ok() && is_good && rows_ >= 0 && squares_ >= 0 && magnitude_ >= 0;
}

}  // namespace tidewatch
