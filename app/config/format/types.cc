#include "app/config/format/types.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cmath>

#include "app/config/format/units.h"

namespace tidewatch::config {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Json defined(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }

std::string range_in_words(double low, double high, const std::function<std::string(double)>& format) {
  if (low == -kInfinity && high == kInfinity) return {};
  if (high == kInfinity) return fmt::format("at least {}", format(low));
  if (low == -kInfinity) return fmt::format("at most {}", format(high));
  return fmt::format("{} to {}", format(low), format(high));
}

/// A type of numbers with a unit; `format` shows one.
Type<double> measured(const Json& schema, const std::string& wanted, Range allowed,
                      const std::function<Result<double>(std::string_view)>& parse,
                      const std::function<std::string(double)>& format, std::function<Json(const double&)> show) {
  auto type = scalar<double>(
      schema, wanted,
      [=](const std::string& text) -> Result<double> {
        auto value = parse(text);
        if (!value || (*value >= allowed.low && *value <= allowed.high)) return value;
        return Error{"bad_value",
                     fmt::format("is out of range: {}", range_in_words(allowed.low, allowed.high, format))};
      },
      std::move(show));
  type.limits = range_in_words(allowed.low, allowed.high, format);
  return type;
}

}  // namespace

Json plain_number(const double& value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<int64_t>(value);
  return value;
}

bool matches(const std::string& text, const std::string& pattern) { return RE2::FullMatch(text, pattern); }

Type<std::string> text() {
  return scalar<std::string>(
      {{"type", "string"}, {"minLength", 1}}, "a text",
      [](const std::string& value) -> Result<std::string> {
        if (value.empty()) return Error{"bad_value", "must not be empty"};
        return value;
      },
      [](const std::string& value) -> Json { return value.empty() ? Json() : Json(value); });
}

Type<std::string> text_like(const std::string& pattern, const std::string& otherwise) {
  return scalar<std::string>(
      {{"type", "string"}, {"pattern", "^(" + pattern + R"(|.*\$\{(env|file):.+\}.*)$)"}}, "a text",
      [=](const std::string& value) -> Result<std::string> {
        if (!matches(value, pattern)) return Error{"bad_value", otherwise};
        return value;
      },
      [](const std::string& value) -> Json { return value.empty() ? Json() : Json(value); });
}

Type<bool> boolean() {
  return scalar<bool>(
      {{"anyOf", Json::array({{{"type", "boolean"}}, defined("reference")})}}, "true or false",
      [](const std::string& text) -> Result<bool> {
        const auto value = parse_boolean(text);
        if (!value) return Error{"bad_value", "is not true or false"};
        return *value;
      },
      [](const bool& value) -> Json { return value; });
}

Type<double> number(Range allowed) {
  Json schema = {{"type", Json::array({"number", "string"})}, {"pattern", R"(^\$\{(env|file):.+\}$)"}};
  if (allowed.low != -kInfinity) schema["minimum"] = plain_number(allowed.low);
  if (allowed.high != kInfinity) schema["maximum"] = plain_number(allowed.high);
  return measured(schema, "a number", allowed, parse_plain_number, format_number, plain_number);
}

Type<double> share(Range allowed) {
  return measured(defined("share"), "a share", allowed, parse_share, format_share,
                  [](const double& value) -> Json { return format_share(value); });
}

Type<double> usd(Range allowed) {
  return measured(defined("money"), "an amount of money", allowed, parse_usd, format_usd,
                  [](const double& value) -> Json { return format_usd(value); });
}

Type<Money> money(Range allowed) {
  const std::string limits =
      fmt::format("{} to {}", format_money({allowed.low, "USD"}), format_money({allowed.high, "USD"}));
  auto type = scalar<Money>(
      defined("amount"), "an amount of money",
      [=](const std::string& text) -> Result<Money> {
        auto value = parse_money(text);
        if (!value) return value.error();
        if (value->amount < allowed.low || value->amount > allowed.high)
          return Error{"bad_value", "is out of range: " + limits};
        return value;
      },
      [](const Money& value) -> Json { return format_money(value); });
  type.limits = limits;
  return type;
}

Type<double> quantity() {
  return measured(defined("quantity"), "a quantity", any_value(), parse_quantity, format_number, plain_number);
}

Type<Duration> duration(Duration low, Duration high) {
  const std::string limits = fmt::format("{} to {}", format_duration(low), format_duration(high));
  auto type = scalar<Duration>(
      defined("duration"), "a duration",
      [=](const std::string& text) -> Result<Duration> {
        const auto value = parse_duration(text);
        if (!value) return Error{"bad_value", "is not a duration; write a number and a unit, as in 5m, 200ms, 1h30m"};
        if (*value < low || *value > high) return Error{"bad_value", "is out of range: " + limits};
        return *value;
      },
      [](const Duration& value) -> Json { return format_duration(value); });
  type.limits = limits;
  return type;
}

Type<size_t> size_bytes(size_t low, size_t high) {
  const std::string limits = fmt::format("{} to {}", format_size(low), format_size(high));
  auto type = scalar<size_t>(
      defined("size"), "a size",
      [=](const std::string& text) -> Result<size_t> {
        auto value = parse_size(text);
        if (value && (*value < low || *value > high)) return Error{"bad_value", "is out of range: " + limits};
        return value;
      },
      [](const size_t& value) -> Json { return format_size(value); });
  type.limits = limits;
  return type;
}

Type<int64_t> whole_number(int64_t low, int64_t high) {
  const std::string limits = fmt::format("{} to {}", low, high);
  auto type = scalar<int64_t>(
      {{"type", Json::array({"integer", "string"})},
       {"pattern", R"(^\$\{(env|file):.+\}$)"},
       {"minimum", low},
       {"maximum", high}},
      "a whole number",
      [=](const std::string& text) -> Result<int64_t> {
        const auto value = parse_plain_number(text);
        if (!value || *value != std::floor(*value) || std::abs(*value) > 1e15)
          return Error{"bad_value", "is not a whole number"};
        const auto whole = static_cast<int64_t>(*value);
        if (whole < low || whole > high) return Error{"bad_value", "is out of range: " + limits};
        return whole;
      },
      [](const int64_t& value) -> Json { return value; });
  type.limits = limits;
  return type;
}

}  // namespace tidewatch::config
