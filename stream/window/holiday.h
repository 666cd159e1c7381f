#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

namespace tidewatch {

/// Days of the local calendar on which people use a service as they do on a Sunday; both ends included.
struct Holiday {
  std::chrono::year_month_day first{};
  std::chrono::year_month_day last{};  ///< that of a single day is `first`
  bool is_yearly = false;              ///< the month and the day of `first` in every year; the rest means nothing

  /// Pre: is_yearly, or both ends are dates with first <= last.
  bool covers(const std::chrono::year_month_day& day) const;

  friend bool operator==(const Holiday&, const Holiday&) = default;
};

/// `2026-12-25`, or `12-25` for every year. Code: `bad_value`, also of days that no calendar has; the message completes
/// `"2026-02-30" ...`.
Result<Holiday> parse_holiday(std::string_view text);

/// One end of it as parse_holiday() reads it.
std::string first_day_text(const Holiday& holiday);
std::string last_day_text(const Holiday& holiday);

}  // namespace tidewatch
