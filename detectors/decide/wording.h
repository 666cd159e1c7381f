#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/core/time.h"

namespace tidewatch {

/// What a number is to a reader.
enum class Quantity : uint8_t {
  share,    ///< 0.123: "12.3 %"
  seconds,  ///< 0.0021: "2.1 ms"; 150: "2.5 min"
  usd,      ///< 0.0012: "0.0012 USD"; 1234.5: "1,234.50 USD"
  count,    ///< 41200: "41,200"; small ones keep a decimal when they are not whole
  number,   ///< three significant digits, no unit
};

// Numbers and times as sentences of alerts write them: English, UTC, enough digits to compare and no more.

/// With its unit; `noun` ("tokens") follows counts and numbers. Not finite: "unknown".
std::string format_quantity(double value, Quantity quantity, std::string_view noun = {});

/// "2.1 %" and "4.0 %" as "2.1-4.0 %": the unit once where it is the same.
std::string format_range(double low, double high, Quantity quantity, std::string_view noun = {});

/// The difference: "+486 %", "-12 %", from tenfold on "14 times as much"; of shares "+10.2 percentage points (+486 %)".
/// `relative` is (value - expected) / expected.
std::string format_change(double relative, double absolute, Quantity quantity);

/// "a surprise of 45 bits (once in 3.5e13 windows)".
std::string format_surprise(double bits);

/// "14:05 UTC", with seconds and, when `with_date`, the date where needed: "2024-03-01 14:05:30 UTC".
std::string format_time(Timestamp time, bool with_date = false);
/// "from 14:05 to 14:10 UTC"; with dates when it crosses midnight or is a day or longer.
std::string format_span(Timestamp start, Timestamp end);
/// "40 s", "3 min", "2 h 5 min", "3 d 4 h": two units at most. The sign is dropped.
std::string format_length(Duration length);

}  // namespace tidewatch
