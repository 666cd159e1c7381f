#include "app/config/format/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "detectors/core/params.h"

namespace tidewatch::config {
namespace {

constexpr std::array<std::pair<std::string_view, size_t>, 7> kSizeUnits{{{"GiB", size_t{1} << 30},
                                                                         {"GB", 1'000'000'000},
                                                                         {"MiB", size_t{1} << 20},
                                                                         {"MB", 1'000'000},
                                                                         {"KiB", size_t{1} << 10},
                                                                         {"kB", 1'000},
                                                                         {"B", 1}}};

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

}  // namespace

Result<double> parse_plain_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return Error{"bad_value", "is not a number"};
  return value;
}

// Whole numbers without an exponent: 10000, not 1e+04.
std::string format_number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

Result<double> parse_share(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  const auto value = parse_plain_number(trimmed(text.substr(0, text.size() - (is_percent ? 1 : 0))));
  if (!value) return Error{"bad_value", "is not a share; write a percentage, as in 15%"};
  return is_percent ? *value / 100 : *value;
}

// Twelve digits: what a person wrote, without the last bits of binary fractions.
std::string format_share(double value) { return fmt::format("{:.12g}%", value * 100); }

Result<size_t> parse_size(std::string_view text) {
  const Error bad{"bad_value", "is not a size; write a number and a unit, as in 64 KiB, 8 MiB"};
  size_t factor = 1;
  for (const auto& [name, bytes] : kSizeUnits)
    if (text.ends_with(name)) {
      factor = bytes;
      text.remove_suffix(name.size());
      break;
    }
  const auto value = parse_plain_number(trimmed(text));
  if (!value) return bad;
  const double bytes = *value * static_cast<double>(factor);
  if (bytes < 0 || bytes > 1e15 || bytes != std::floor(bytes)) return bad;
  return static_cast<size_t>(bytes);
}

std::string format_size(size_t bytes) {
  for (const auto& [name, size] : kSizeUnits)
    if (bytes >= size && bytes % size == 0) return fmt::format("{} {}", bytes / size, name);
  return fmt::format("{} B", bytes);
}

Result<double> parse_usd(std::string_view text) {
  const Error bad{"bad_value", "is not an amount of money; write it in USD, as in 2.5 USD"};
  if (!text.ends_with("USD")) return bad;
  const auto value = parse_plain_number(trimmed(text.substr(0, text.size() - 3)));
  return value ? value : bad;
}

std::string format_usd(double value) { return format_number(value) + " USD"; }

Result<Money> parse_money(std::string_view text) {
  const Error bad{"bad_value", "is not an amount of money; write it in USD, as in 2.5 USD"};
  constexpr size_t kCode = 3;
  if (text.size() < kCode) return bad;
  const std::string_view currency = text.substr(text.size() - kCode);
  if (!std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return bad;
  const auto amount = parse_plain_number(trimmed(text.substr(0, text.size() - kCode)));
  if (!amount) return bad;
  return Money{*amount, std::string(currency)};
}

std::string format_money(const Money& money) { return format_number(money.amount) + " " + money.currency; }

Result<double> parse_quantity(std::string_view text) {
  if (text.ends_with("USD")) return parse_usd(text);
  if (text.ends_with('%')) return parse_share(text);
  if (auto plain = parse_plain_number(text); plain) return plain;
  if (const auto duration = parse_duration(text); duration) return to_seconds(*duration);
  return Error{"bad_value", "is not a quantity; write a number, or one with a unit as in 15%, 5s, 2 USD"};
}

}  // namespace tidewatch::config
