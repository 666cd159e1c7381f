#include "detectors/core/params.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace tidewatch {
namespace {

struct DurationUnit {
  std::string_view name;
  Duration size;
};
using namespace std::chrono_literals;
// Longest first, so that formatting takes the largest unit that divides the value.
constexpr std::array<DurationUnit, 8> kUnits{
    {{"w", 168h}, {"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}};

Result<double> parse_plain(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return Error{"bad_value", fmt::format("\"{}\" is not a number", text)};
  return value;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const Error bad{"bad_value",
                  fmt::format("\"{}\" is not a duration; write a number and a unit, as in 5m, 200ms, 1h30m", text)};
  std::string_view left = text;
  double total = 0;
  if (left.empty()) return bad;
  while (!left.empty()) {
    size_t digits = 0;
    while (digits < left.size() && (std::isdigit(static_cast<unsigned char>(left[digits])) || left[digits] == '.'))
      ++digits;
    size_t letters = digits;
    while (letters < left.size() && std::isalpha(static_cast<unsigned char>(left[letters]))) ++letters;
    const auto number = parse_plain(left.substr(0, digits));
    const auto name = left.substr(digits, letters - digits);
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& u) { return u.name == name; });
    if (!number || unit == kUnits.end()) return bad;
    total += *number * static_cast<double>(unit->size.count());
    left.remove_prefix(letters);
  }
  if (total >= 9.2e18) return bad;
  return Duration(std::llround(total));
}

std::string format_duration(Duration value) {
  if (value == Duration::zero()) return "0s";
  if (value < Duration::zero()) return "-" + format_duration(-value);
  std::string out;
  for (const auto& unit : kUnits) {
    const auto whole = value / unit.size;
    if (whole == 0) continue;
    out += fmt::format("{}{}", whole, unit.name);
    value -= whole * unit.size;
  }
  return out;
}

Result<double> parse_number(std::string_view text) {
  for (const std::string_view suffix : {"%", "pp"})
    if (text.ends_with(suffix)) {
      auto value = parse_plain(text.substr(0, text.size() - suffix.size()));
      if (!value) return Error{"bad_value", fmt::format("\"{}\" is not a number or percentage", text)};
      return *value / 100.0;
    }
  return parse_plain(text);
}

Result<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return Error{"bad_value", fmt::format("\"{}\" is not true or false", text)};
}

std::string_view nearest_name(std::string_view given, const std::vector<std::string_view>& names) {
  std::string_view best;
  size_t best_distance = std::max<size_t>(2, given.size() / 3) + 1;
  for (const auto name : names)
    if (const size_t distance = edit_distance(given, name); distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  return best;
}

namespace params_detail {
Status check_range(std::string_view name, double value, Range allowed) {
  if (value >= allowed.low && value <= allowed.high) return ok_status();
  return Error{"bad_value", fmt::format("{}: {} is outside [{}, {}]", name, value, allowed.low, allowed.high)};
}
}  // namespace params_detail

}  // namespace tidewatch
