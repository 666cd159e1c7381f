#include "detectors/decide/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "detectors/core/verdict.h"

namespace tidewatch {
namespace {

using namespace std::chrono_literals;

/// A number and the unit after it, which may need a blank or not be there.
struct Written {
  std::string digits;
  std::string_view unit;
  std::string text(std::string_view noun) const {
    std::string out = digits;
    for (const std::string_view part : {unit, noun})
      if (!part.empty()) out.append(" ").append(part);
    return out;
  }
};

std::string without_exponent_sign(std::string text) {
  if (const size_t plus = text.find("e+"); plus != std::string::npos) text.erase(plus + 1, 1);
  if (const size_t zero = text.find("e-0"); zero != std::string::npos) text.erase(zero + 2, 1);
  if (const size_t zero = text.find("e0"); zero != std::string::npos) text.erase(zero + 1, 1);
  return text;
}

/// 1234567.8 with one decimal as "1,234,567.8".
std::string grouped(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  size_t end = text.find('.');
  if (end == std::string::npos) end = text.size();
  const size_t first = text.starts_with('-') ? 1 : 0;
  for (size_t at = end; at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

/// So many significant digits, trailing zeros after the point dropped.
std::string significant(double value, int digits) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-4 || size >= 1e7) return without_exponent_sign(fmt::format("{:.{}e}", value, digits - 1));
  const int whole = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::string text = grouped(value, std::max(0, digits - whole));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

/// Per cent with one decimal, more where that would hide the number.
std::string percent(double share) {
  const double value = 100 * share;
  const double size = std::abs(value);
  if (size >= 99.95) return grouped(value, 0);
  if (size == 0 || size >= 0.95) return fmt::format("{:.1f}", value);
  return significant(value, 2);
}

Written write_seconds(double value) {
  const double size = std::abs(value);
  if (size == 0) return {"0", "s"};
  if (size < 1e-3) return {significant(value * 1e6, 3), "us"};
  if (size < 0.9995) return {significant(value * 1e3, 3), "ms"};
  if (size < 119.95) return {significant(value, 3), "s"};
  if (size < 7199.5) return {significant(value / 60, 3), "min"};
  return {significant(value / 3600, 3), "h"};
}

Written write_usd(double value) {
  const double size = std::abs(value);
  return {size == 0 || size >= 1 ? grouped(value, 2) : significant(value, 2), "USD"};
}

Written write_count(double value) {
  const double size = std::abs(value);
  if (size >= 1e7) return {significant(value / 1e6, 3), "million"};
  if (size >= 100 || value == std::round(value)) return {grouped(value, 0), {}};
  return {size < 0.95 ? significant(value, 2) : fmt::format("{:.1f}", value), {}};
}

Written write(double value, Quantity quantity) {
  if (!std::isfinite(value)) return {"unknown", {}};
  switch (quantity) {
    case Quantity::share:
      return {percent(value), "%"};
    case Quantity::seconds:
      return write_seconds(value);
    case Quantity::usd:
      return write_usd(value);
    case Quantity::count:
      return write_count(value);
    case Quantity::number:
      break;
  }
  return {significant(value, 3), {}};
}

std::string signed_percent(double relative) {
  const double value = 100 * relative;
  if (std::abs(value) < 9.95) return fmt::format("{:+.1f} %", value);
  const std::string digits = grouped(value, 0);
  return (value > 0 ? "+" : "") + digits + " %";
}

std::string change_of_size(double relative) {
  if (relative >= 9) return fmt::format("{} times as much", significant(1 + relative, 2));
  return signed_percent(relative);
}

}  // namespace

std::string format_quantity(double value, Quantity quantity, std::string_view noun) {
  const bool takes_noun = quantity == Quantity::count || quantity == Quantity::number;
  return write(value, quantity).text(takes_noun && std::isfinite(value) ? noun : std::string_view{});
}

std::string format_range(double low, double high, Quantity quantity, std::string_view noun) {
  // Beside the other end it is nothing, and its digits are of no use to a reader.
  if (std::abs(low) < 1e-3 * std::abs(high)) low = 0;
  const Written from = write(low, quantity);
  const std::string to = format_quantity(high, quantity, noun);
  // A hyphen beside a minus sign or an exponent cannot be read.
  const bool needs_word = low < 0 || high < 0 || from.digits.find("e-") != std::string::npos;
  const bool same_unit = from.unit == write(high, quantity).unit || low == 0;
  const std::string first = same_unit ? from.digits : from.text({});
  return first + (needs_word || !same_unit ? " to " : "-") + to;
}

std::string format_change(double relative, double absolute, Quantity quantity) {
  const bool is_relative_known = std::isfinite(relative) && std::abs(relative) < 1e6;
  if (quantity == Quantity::share) {
    const std::string sign = absolute > 0 ? "+" : "";
    const std::string points = fmt::format("{}{} percentage points", sign, percent(absolute));
    return is_relative_known ? fmt::format("{} ({})", points, change_of_size(relative)) : points;
  }
  if (is_relative_known) return change_of_size(relative);
  return (absolute > 0 ? "+" : "") + format_quantity(absolute, quantity);
}

std::string format_surprise(double bits) {
  // Beyond this nothing is "once in so many": the law itself is what no longer holds.
  constexpr double kNotByChance = 60;
  if (bits >= kMaxSurprise) return fmt::format("a surprise of {:.0f} bits or more (not by chance)", kMaxSurprise);
  if (bits >= kNotByChance) return fmt::format("a surprise of {:.0f} bits (not by chance)", bits);
  const double windows = std::exp2(bits);
  const std::string often = windows < 1e6 ? grouped(windows, 0) : without_exponent_sign(fmt::format("{:.1e}", windows));
  return fmt::format("a surprise of {:.0f} bits (once in {} windows)", bits, often);
}

std::string format_time(Timestamp time, bool with_date) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::string out;
  if (with_date)
    out = fmt::format("{:04}-{:02}-{:02} ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()));
  out += fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
  if (clock.seconds().count() != 0) out += fmt::format(":{:02}", clock.seconds().count());
  return out + " UTC";
}

std::string format_span(Timestamp start, Timestamp end) {
  const bool with_date =
      std::chrono::floor<std::chrono::days>(start) != std::chrono::floor<std::chrono::days>(end) || end - start >= 24h;
  std::string from = format_time(start, with_date);
  from.erase(from.size() - std::string_view(" UTC").size());
  return fmt::format("from {} to {}", from, format_time(end, with_date));
}

std::string format_length(Duration length) {
  struct Unit {
    std::string_view name;
    Duration size;
  };
  static constexpr std::array<Unit, 4> kUnits{{{"d", 24h}, {"h", 1h}, {"min", 1min}, {"s", 1s}}};
  Duration left = length < Duration::zero() ? -length : length;
  std::string out;
  int units = 0;
  for (const Unit& unit : kUnits) {
    const auto whole = left / unit.size;
    if (whole == 0) {
      if (units > 0) break;
      continue;
    }
    out += fmt::format("{}{} {}", units > 0 ? " " : "", whole, unit.name);
    left -= whole * unit.size;
    if (++units == 2) break;
  }
  return out.empty() ? "0 s" : out;
}

}  // namespace tidewatch
