#include "stream/evaluate/chat/spending.h"

#include <chrono>

namespace tidewatch {
namespace {

int64_t day_of(Timestamp now) { return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count(); }
int64_t hour_of(Timestamp now) { return std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count(); }

}  // namespace

bool Spending::allows(double usd, Timestamp now) const {
  // A clock that was set back opens no new day.
  if (usd_per_day_ > 0 && (day_of(now) > day_ ? 0 : usd_) + usd > usd_per_day_) return false;
  return calls_per_hour_ == 0 || (hour_of(now) > hour_ ? 0 : calls_) < calls_per_hour_;
}

void Spending::turn(Timestamp now) {
  if (day_of(now) > day_) {
    day_ = day_of(now);
    usd_ = 0;
  }
  if (hour_of(now) > hour_) {
    hour_ = hour_of(now);
    calls_ = 0;
  }
}

Spending::Reservation Spending::reserve(double usd, Timestamp now) {
  turn(now);
  usd_ += usd;
  ++calls_;
  return {day_, usd};
}

void Spending::settle(const Reservation& reserved, double usd) {
  if (reserved.day == day_) usd_ += usd - reserved.usd;
}

void Spending::add_earlier(double usd, Timestamp now) {
  turn(now);
  usd_ += usd;
}

double Spending::spent_on_day_of(Timestamp now) const { return day_of(now) > day_ ? 0 : usd_; }

}  // namespace tidewatch
