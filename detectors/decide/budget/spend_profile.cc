#include "detectors/decide/budget/spend_profile.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr unsigned kSunday = 6;
constexpr uint8_t kMemoryOfWeek = 8;
constexpr uint8_t kMemoryOfAll = 168;
constexpr double kHourKept = 1 - 1.0 / 200;
constexpr double kDayKept = 1 - 1.0 / 30;
constexpr double kPriorDays = 2;
constexpr double kPriorDayError = 0.25;

unsigned weekday_of(const SeasonSlot& slot) { return slot.holiday ? kSunday : slot.weekday; }

}  // namespace

void SpendProfile::Mean::learn(double x, uint8_t most) {
  n = static_cast<uint8_t>(std::min<unsigned>(n + 1U, most));
  value = static_cast<float>(value + (x - value) / n);
}

void SpendProfile::close_day(unsigned weekday) {
  if (weekday == weekday_) return;
  // A day with a few pennies says nothing of whether days are alike.
  if (weekday_ != 255 && is_seasonal() && day_expected_ > 0) {
    const double error = day_spend_ / day_expected_ - 1;
    const double by_hours = dispersion() / day_expected_;  // what hours alone would make of it
    day_errors_ = day_errors_ * kDayKept + std::clamp(error * error - by_hours, 0.0, 4.0);
    days_ = days_ * kDayKept + 1;
  }
  weekday_ = static_cast<uint8_t>(weekday);
  day_spend_ = 0;
  day_expected_ = 0;
}

void SpendProfile::learn(const SeasonSlot& slot, double spend, double ratio) {
  const unsigned weekday = weekday_of(slot);
  close_day(weekday);
  const double foreseen = expected(slot);
  if (foreseen > 0 && ratio > 0) {
    const double off = spend - ratio * foreseen;
    residuals_ = residuals_ * kHourKept + off * off / (ratio * foreseen);
    residual_hours_ = residual_hours_ * kHourKept + 1;
  }
  day_spend_ += spend;
  day_expected_ += foreseen;
  week_[weekday * 24 + slot.hour].learn(spend, kMemoryOfWeek);
  day_[slot.hour].learn(spend, kMemoryOfWeek);
  all_.learn(spend, kMemoryOfAll);
  ++hours_;
}

double SpendProfile::expected(const SeasonSlot& slot) const {
  const Mean& of_day = day_[slot.hour];
  if (!is_seasonal() || of_day.n == 0) return all_.value;
  const Mean& of_week = week_[weekday_of(slot) * 24 + slot.hour];
  return (of_week.n * static_cast<double>(of_week.value) + of_day.value) / (of_week.n + 1.0);
}

double SpendProfile::dispersion() const {
  return residual_hours_ > 0 ? residuals_ / residual_hours_ : static_cast<double>(all_.value);
}

double SpendProfile::day_variance() const {
  return (kPriorDays * kPriorDayError * kPriorDayError + day_errors_) / (kPriorDays + days_);
}

void SpendProfile::save(ByteWriter& out) const {
  const auto put = [&](const Mean& mean) {
    out.put(mean.n);
    if (mean.n > 0) out.put(mean.value);
  };
  for (const Mean& mean : week_) put(mean);
  for (const Mean& mean : day_) put(mean);
  put(all_);
  out.put_varint(hours_);
  out.put(weekday_);
  for (const double value : {residuals_, residual_hours_, day_spend_, day_expected_, day_errors_, days_})
    out.put(value);
}

bool SpendProfile::load(ByteReader& in) {
  const auto get = [&](Mean& mean) {
    mean.n = in.get<uint8_t>();
    if (mean.n > 0) mean.value = in.get<float>();
  };
  for (Mean& mean : week_) get(mean);
  for (Mean& mean : day_) get(mean);
  get(all_);
  hours_ = static_cast<uint32_t>(in.get_varint());
  weekday_ = in.get<uint8_t>();
  for (double* value : {&residuals_, &residual_hours_, &day_spend_, &day_expected_, &day_errors_, &days_})
    *value = in.get<double>();
  const auto is_finite = [](const Mean& mean) { return std::isfinite(mean.value); };
  return in.ok() && std::all_of(week_.begin(), week_.end(), is_finite) &&
         std::all_of(day_.begin(), day_.end(), is_finite) && is_finite(all_) &&
         std::isfinite(residuals_ + residual_hours_ + day_spend_ + day_expected_ + day_errors_ + days_);
}

}  // namespace tidewatch
