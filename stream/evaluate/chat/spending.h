#pragma once

#include <cstdint>

#include "detectors/core/time.h"

namespace tidewatch {

/// How much may be spent in a day (UTC), and how many calls made in an hour. What a call costs at most is reserved
/// before it is sent and settled afterwards, so that requests under way cannot exceed the cap together.
class Spending {
 public:
  /// 0: no limit.
  Spending(double usd_per_day, uint64_t calls_per_hour) : usd_per_day_(usd_per_day), calls_per_hour_(calls_per_hour) {}

  struct Reservation {
    int64_t day = 0;
    double usd = 0;
  };
  bool allows(double usd, Timestamp now) const;
  Reservation reserve(double usd, Timestamp now);
  void settle(const Reservation& reserved, double usd);  ///< `usd`: what it came to

  /// What was spent on the day of `now` before this process began.
  void add_earlier(double usd, Timestamp now);
  double spent_on_day_of(Timestamp now) const;

 private:
  void turn(Timestamp now);
  double usd_per_day_;
  uint64_t calls_per_hour_;
  int64_t day_ = 0;
  double usd_ = 0;  ///< of the day, reservations included
  int64_t hour_ = 0;
  uint64_t calls_ = 0;  ///< of the hour
};

}  // namespace tidewatch
