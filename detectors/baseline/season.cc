#include "detectors/baseline/season.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {
namespace {

constexpr unsigned kSunday = 6;
constexpr unsigned kFirstWeekendDay = 5;
constexpr uint8_t kHolidayBit = 128;  // in a saved season, beside one bit for each weekday
// Day types and single days differ less than hours of a day do; shares of the variance between hours.
constexpr double kDayTypeShare = 0.25;
constexpr double kDayShare = 0.06;
// What the priors of the three variances are worth, in observed groups.
constexpr double kPriorGroups = 3;

/// Draws a mean with a precision towards a parent from which it may differ by `between`.
SeasonEffect borrow(double deviation, double precision, SeasonEffect parent, double between) {
  const double parent_precision = 1.0 / (parent.variance + between);
  const double total = precision + parent_precision;
  return {(precision * deviation + parent_precision * parent.location) / total, 1.0 / total};
}

// Standard deviations that a single group may claim: an hour that was linearised far from its level says little.
constexpr double kClip = 4;

/// Sums squared differences beyond their own noise, each weighted by what it can tell of the variance: the square of a
/// difference that has noise v varies as (now + v)². An hour of which one window of five requests is known would else
/// claim the variance of its noise, and be believed for it.
struct VarianceSum {
  double now;  ///< the variance as it is believed
  double sum = 0;
  double groups = 0;  ///< what they tell, in groups without noise
  void add(double difference, double noise) {
    const double share = now / (now + noise);
    const double tells = share * share;
    sum += tells * (std::min(difference * difference, kClip * kClip * (now + noise)) - noise);
    groups += tells;
  }
  double shrunk(double prior) const {
    return std::max((kPriorGroups * prior + sum) / (kPriorGroups + groups), prior * 0.01);
  }
};

}  // namespace

Season::Season(double hour_spread) : prior_(hour_spread * hour_spread) {
  between_hours_ = prior_;
  between_day_types_ = kDayTypeShare * prior_;
  between_days_ = kDayShare * prior_;
}

Season::Season(const Season& other) { *this = other; }

Season& Season::operator=(const Season& other) {
  if (this == &other) return *this;
  prior_ = other.prior_;
  between_hours_ = other.between_hours_;
  between_day_types_ = other.between_day_types_;
  between_days_ = other.between_days_;
  last_hour_ = other.last_hour_;
  week_ = other.week_ ? std::make_unique<Week>(*other.week_) : nullptr;
  holiday_ = other.holiday_ ? std::make_unique<Day>(*other.holiday_) : nullptr;
  return *this;
}

Season::Pooled Season::pool(unsigned hour, unsigned first_day, unsigned end_day) const {
  Pooled out;
  for (unsigned day = first_day; day < end_day; ++day) {
    const Hour& cell = week_->hours[day][hour];
    out.precision += static_cast<double>(cell.precision);
    out.deviation += static_cast<double>(cell.precision) * static_cast<double>(cell.deviation);
  }
  if (out.precision > 0) out.deviation /= out.precision;
  return out;
}

SeasonEffect Season::effect(SeasonSlot slot) const {
  if (slot.holiday) {
    const SeasonEffect sunday = effect({.hour = slot.hour, .weekday = kSunday});
    const Hour known = holiday_ ? holiday_->hours[std::min(slot.hour, 23U)] : Hour{};
    return borrow(static_cast<double>(known.deviation), static_cast<double>(known.precision), sunday,
                  between_day_types_);
  }
  const SeasonEffect level{0, 0};
  if (!week_) return borrow(0, 0, level, between_hours_ + between_day_types_ + between_days_);
  const unsigned hour = std::min(slot.hour, 23U);
  const unsigned day = std::min(slot.weekday, kSunday);
  const bool weekend = day >= kFirstWeekendDay;
  const Pooled of_day = pool(hour, 0, 7);
  const Pooled of_type = weekend ? pool(hour, kFirstWeekendDay, 7) : pool(hour, 0, kFirstWeekendDay);
  const Pooled of_week = pool(hour, day, day + 1);
  const auto by_hour = borrow(of_day.deviation, of_day.precision, level, between_hours_);
  const auto by_type = borrow(of_type.deviation, of_type.precision, by_hour, between_day_types_);
  return borrow(of_week.deviation, of_week.precision, by_type, between_days_);
}

Season::Hour& Season::cell_of(SeasonSlot slot) {
  const unsigned hour = std::min(slot.hour, 23U);
  if (!slot.holiday) return week_->hours[std::min(slot.weekday, kSunday)][hour];
  if (!holiday_) holiday_ = std::make_unique<Day>();
  return holiday_->hours[hour];
}

void Season::learn(SeasonSlot slot, double deviation, double precision, double decay) {
  if (!week_) week_ = std::make_unique<Week>();
  const unsigned hour = std::min(slot.hour, 23U);
  Hour& cell = cell_of(slot);
  const double before = static_cast<double>(cell.precision) * decay;
  const double total = before + precision;
  const double was = static_cast<double>(cell.deviation);
  cell.deviation = static_cast<float>(was + precision / total * (deviation - was));
  cell.precision = static_cast<float>(total);
  if (hour != last_hour_) learn_spreads();
  last_hour_ = hour;
}

void Season::learn_spreads() {
  VarianceSum hours{between_hours_};
  VarianceSum types{between_day_types_};
  VarianceSum days{between_days_};
  for (unsigned hour = 0; hour < 24; ++hour) {
    const Pooled of_day = pool(hour, 0, 7);
    if (!(of_day.precision > 0)) continue;
    hours.add(of_day.deviation, 1.0 / of_day.precision);
    const Pooled of_type[2] = {pool(hour, 0, kFirstWeekendDay), pool(hour, kFirstWeekendDay, 7)};
    if (of_type[0].precision > 0 && of_type[1].precision > 0) {
      const double noise = 1.0 / of_type[0].precision + 1.0 / of_type[1].precision;
      types.add((of_type[0].deviation - of_type[1].deviation) / 2, noise / 4);
    }
    for (unsigned day = 0; day < 7; ++day) {
      const Hour& cell = week_->hours[day][hour];
      const Pooled& type = of_type[day >= kFirstWeekendDay ? 1 : 0];
      const double own = static_cast<double>(cell.precision);
      if (!(own > 0) || own > 0.9 * type.precision) continue;  // a type of one day cannot differ from itself
      days.add(static_cast<double>(cell.deviation) - type.deviation, 1.0 / own - 1.0 / type.precision);
    }
  }
  between_hours_ = hours.shrunk(prior_);
  between_day_types_ = types.shrunk(kDayTypeShare * prior_);
  between_days_ = days.shrunk(kDayShare * prior_);
}

void Season::rescale(double factor) {
  const double squared = factor * factor;
  for (double* variance : {&prior_, &between_hours_, &between_day_types_, &between_days_}) *variance *= squared;
  const auto rescale_hours = [&](Hour(&hours)[24]) {
    for (Hour& cell : hours) {
      cell.deviation = static_cast<float>(static_cast<double>(cell.deviation) * factor);
      cell.precision = static_cast<float>(static_cast<double>(cell.precision) / squared);
    }
  };
  if (holiday_) rescale_hours(holiday_->hours);
  if (!week_) return;
  for (auto& day : week_->hours) rescale_hours(day);
}

void Season::trust(double precision) {
  const auto most = static_cast<float>(precision);
  const auto bound = [&](Hour(&hours)[24]) {
    for (Hour& cell : hours) cell.precision = std::min(cell.precision, most);
  };
  if (holiday_) bound(holiday_->hours);
  if (!week_) return;
  for (auto& day : week_->hours) bound(day);
}

size_t Season::memory_bytes() const {
  return sizeof(Season) + (week_ ? sizeof(Week) : 0) + (holiday_ ? sizeof(Day) : 0);
}

void Season::save(ByteWriter& out) const {
  for (const double value : {prior_, between_hours_, between_day_types_, between_days_}) out.put(value);
  out.put(static_cast<uint8_t>(last_hour_));
  uint8_t days = holiday_ ? kHolidayBit : 0;
  for (unsigned day = 0; week_ && day < 7; ++day)
    for (const Hour& cell : week_->hours[day])
      if (cell.precision > 0) days = static_cast<uint8_t>(days | (1U << day));
  out.put(days);
  const auto save_hours = [&](const Hour(&hours)[24]) {
    for (const Hour& cell : hours) {
      out.put(cell.deviation);
      out.put(cell.precision);
    }
  };
  for (unsigned day = 0; day < 7; ++day)
    if ((days >> day & 1U) != 0) save_hours(week_->hours[day]);
  if (holiday_) save_hours(holiday_->hours);
}

bool Season::load(ByteReader& in) {
  for (double* variance : {&prior_, &between_hours_, &between_day_types_, &between_days_}) {
    *variance = in.get<double>();
    if (!std::isfinite(*variance) || *variance < 0) return false;
  }
  last_hour_ = in.get<uint8_t>();
  const unsigned days = in.get<uint8_t>();
  if (last_hour_ > 24) return false;
  const auto load_hours = [&](Hour(&hours)[24]) {
    bool good = true;
    for (Hour& cell : hours) {
      cell.deviation = in.get<float>();
      cell.precision = in.get<float>();
      good = good && std::isfinite(cell.deviation) && std::isfinite(cell.precision) && cell.precision >= 0;
    }
    return good;
  };
  week_ = days == 0 ? nullptr : std::make_unique<Week>();
  holiday_ = (days & kHolidayBit) == 0 ? nullptr : std::make_unique<Day>();
  for (unsigned day = 0; day < 7; ++day)
    if ((days >> day & 1U) != 0 && !load_hours(week_->hours[day])) return false;
  if (holiday_ && !load_hours(holiday_->hours)) return false;
  return in.ok();
}

}  // namespace tidewatch
