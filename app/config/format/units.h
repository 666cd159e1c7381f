#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "detectors/core/result.h"

/// Values with units, as a config writes them. Errors: `bad_value` with a message that completes `"12 EUR" ...`.
namespace tidewatch::config {

Result<double> parse_plain_number(std::string_view text);  ///< no unit; finite
std::string format_number(double value);                   ///< shortest text that reads back to the same number

Result<double> parse_share(std::string_view text);  ///< `15%`, or 0.15 as a plain number
std::string format_share(double value);             ///< "15%"

Result<size_t> parse_size(std::string_view text);  ///< `8 MiB`, `64 kB`, `1048576`: bytes
std::string format_size(size_t bytes);             ///< "8 MiB"

Result<double> parse_usd(std::string_view text);  ///< `2.5 USD`
std::string format_usd(double value);

/// An amount in a currency, by its code of ISO 4217.
struct Money {
  double amount = 0;
  std::string currency = "USD";
};
Result<Money> parse_money(std::string_view text);  ///< `2.5 EUR`
std::string format_money(const Money& money);

/// A number in the unit its fact has: plain, `15%`, `5s` (seconds) or `2 USD`.
Result<double> parse_quantity(std::string_view text);

}  // namespace tidewatch::config
