#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// Allowed values of a number, both ends included.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
constexpr Range range(double low, double high) { return {low, high}; }
constexpr Range any_value() { return {}; }

/// One row of a parameter table: the only place where name, range, default (the member's initialiser) and meaning of a
/// parameter are written. Parsing, checks, the JSON Schema, `tidewatch config docs` and manual pages are derived.
template <typename Owner, typename Member>
struct Field {
  std::string_view name;
  Member Owner::*member;
  Range allowed;
  std::string_view help;
  std::string_view unit;  ///< of a plain number, for docs: "sigma", "windows", "bits"; empty where the type says it
};
template <typename Owner, typename Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member, Range allowed, std::string_view help,
                                     std::string_view unit = {}) {
  return {name, member, allowed, help, unit};
}
template <typename... Fields>
constexpr std::tuple<Fields...> params(Fields... fields) {
  return std::tuple<Fields...>(fields...);
}

/// A `std::optional` member is a parameter that may be left unset: its default is shown as an empty text.
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// What a table says of a parameter, without its C++ type: for documentation, schemas and editors.
struct ParamInfo {
  std::string name;
  std::string type;           ///< "number", "integer", "boolean", "string" or "duration"
  std::string default_value;  ///< empty: not set unless config sets it
  Range allowed;
  std::string help;
  std::string unit;
};

/// `5m`, `1h30m`, `200ms`, `2d`: positive durations as config writes them.
Result<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration value);
/// `0.15` or `15%`; also `0.5pp`. A per cent sign divides by 100.
Result<double> parse_number(std::string_view text);
Result<bool> parse_boolean(std::string_view text);
/// The name nearest to `given` by edit distance, or empty when none is near: for "did you mean".
std::string_view nearest_name(std::string_view given, const std::vector<std::string_view>& names);

namespace params_detail {
template <typename T>
std::string type_name() {
  if constexpr (IsOptional<T>::value)
    return type_name<typename T::value_type>();
  else if constexpr (std::is_same_v<T, bool>)
    return "boolean";
  else if constexpr (std::is_same_v<T, Duration>)
    return "duration";
  else if constexpr (std::is_same_v<T, std::string>)
    return "string";
  else if constexpr (std::is_integral_v<T>)
    return "integer";
  else
    return "number";
}
template <typename T>
std::string show(const T& value) {
  if constexpr (IsOptional<T>::value)
    return value ? show(*value) : std::string();
  else if constexpr (std::is_same_v<T, Duration>)
    return format_duration(value);
  else
    return fmt::format("{}", value);
}
Status check_range(std::string_view name, double value, Range allowed);

template <typename T>
Status parse_into(T& target, std::string_view name, std::string_view text, Range allowed) {
  if constexpr (IsOptional<T>::value) {
    typename T::value_type value{};
    if (auto parsed = parse_into(value, name, text, allowed); !parsed) return parsed;
    target = value;
    return ok_status();
  } else if constexpr (std::is_same_v<T, std::string>) {
    target = std::string(text);
    return ok_status();
  } else if constexpr (std::is_same_v<T, bool>) {
    auto parsed = parse_boolean(text);
    if (!parsed) return Error{"bad_value", fmt::format("{}: {}", name, parsed.error().message)};
    target = *parsed;
    return ok_status();
  } else if constexpr (std::is_same_v<T, Duration>) {
    auto parsed = parse_duration(text);
    if (!parsed) return Error{"bad_value", fmt::format("{}: {}", name, parsed.error().message)};
    if (auto in = check_range(name, to_seconds(*parsed), allowed); !in) return in;  // ranges of durations: seconds
    target = *parsed;
    return ok_status();
  } else {
    auto parsed = parse_number(text);
    if (!parsed) return Error{"bad_value", fmt::format("{}: {}", name, parsed.error().message)};
    if (auto in = check_range(name, *parsed, allowed); !in) return in;
    if constexpr (std::is_integral_v<T>) {
      if (*parsed != static_cast<double>(static_cast<T>(*parsed)))
        return Error{"bad_value", fmt::format("{}: \"{}\" is not a whole number", name, text)};
    }
    target = static_cast<T>(*parsed);
    return ok_status();
  }
}
}  // namespace params_detail

/// Every parameter of P with its default, from P::table().
template <typename P>
std::vector<ParamInfo> describe_params() {
  std::vector<ParamInfo> out;
  const P defaults{};
  std::apply(
      [&](const auto&... f) {
        (out.push_back(
             {std::string(f.name), params_detail::type_name<std::remove_cvref_t<decltype(defaults.*(f.member))>>(),
              params_detail::show(defaults.*(f.member)), f.allowed, std::string(f.help), std::string(f.unit)}),
         ...);
      },
      P::table());
  return out;
}

/// Sets one parameter by name from its text. Errors: `unknown_key` (with the nearest name) and `bad_value`.
template <typename P>
Status set_param(P& target, std::string_view name, std::string_view text) {
  bool found = false;
  Status status = ok_status();
  std::vector<std::string_view> names;
  std::apply(
      [&](const auto&... f) {
        ((names.push_back(f.name),
          f.name == name
              ? (found = true, status = params_detail::parse_into(target.*(f.member), name, text, f.allowed), 0)
              : 0),
         ...);
      },
      P::table());
  if (found) return status;
  const auto near = nearest_name(name, names);
  return Error{"unknown_key", near.empty() ? fmt::format("{}: unknown key", name)
                                           : fmt::format("{}: unknown key; did you mean \"{}\"?", name, near)};
}

}  // namespace tidewatch
