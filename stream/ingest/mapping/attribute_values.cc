#include "stream/ingest/mapping/attribute_values.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace tidewatch {
namespace {

using Kind = OtlpValue::Kind;

std::string_view trim(std::string_view text, std::string_view what) {
  const size_t first = text.find_first_not_of(what);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

nlohmann::json to_json(const OtlpAttributes& attributes);

nlohmann::json to_json(const OtlpValue& value) {
  switch (value.kind) {
    case Kind::text:
      return std::string(value.text);
    case Kind::boolean:
      return value.boolean;
    case Kind::integer:
      return value.integer;
    case Kind::real:
      return value.real;
    case Kind::array: {
      auto out = nlohmann::json::array();
      for (const auto& item : value.items) out.push_back(to_json(item));
      return out;
    }
    case Kind::object:
      return to_json(value.fields);
    case Kind::null:
    case Kind::bytes:
      break;
  }
  return nullptr;
}

nlohmann::json to_json(const OtlpAttributes& attributes) {
  auto out = nlohmann::json::object();
  for (const auto& [key, value] : attributes) out[std::string(key)] = to_json(value);
  return out;
}

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<Timestamp> rfc3339(std::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) return std::nullopt;
  return Timestamp(Duration(absl::ToUnixNanos(time)));
}

}  // namespace

std::string_view text_of(const OtlpValue& value) {
  if (value.kind == Kind::text) return value.text;
  if (value.kind == Kind::array && !value.items.empty() && value.items.front().kind == Kind::text)
    return value.items.front().text;
  return {};
}

std::optional<double> number_of(const OtlpValue& value) {
  double out = 0;
  switch (value.kind) {
    case Kind::integer:
      return static_cast<double>(value.integer);
    case Kind::real:
      out = value.real;
      break;
    case Kind::text: {
      const auto text = trim(value.text, " \"");
      const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), out);
      if (error != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
      break;
    }
    default:
      return std::nullopt;
  }
  return std::isfinite(out) ? std::optional(out) : std::nullopt;
}

std::optional<bool> flag_of(const OtlpValue& value) {
  if (value.kind == Kind::boolean) return value.boolean;
  if (value.kind != Kind::text) return std::nullopt;
  const std::string word = squash(value.text);
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

std::string label_of(const OtlpValue& value) {
  switch (value.kind) {
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::real:
      return fmt::format("{}", value.real);
    default:
      return std::string(text_of(value));
  }
}

std::optional<Duration> duration_of(const OtlpValue& value, TimeUnit unit, Timestamp start) {
  if (unit == TimeUnit::time) {
    const auto time = rfc3339(trim(text_of(value), " \""));
    if (!time || *time < start) return std::nullopt;
    return *time - start;
  }
  const auto number = number_of(value);
  if (!number || *number < 0) return std::nullopt;
  const double nanos = *number * (unit == TimeUnit::milliseconds ? 1e6 : unit == TimeUnit::nanoseconds ? 1 : 1e9);
  constexpr double kDay = 86400e9;
  if (nanos > kDay) return std::nullopt;  // no call streams for a day: another unit was meant
  return Duration(std::llround(nanos));
}

std::string_view as_label(std::string_view text) {
  if (text.size() <= kMaxLabelValueBytes) return text;
  size_t end = kMaxLabelValueBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string json_of(const OtlpValue& value) { return dump(to_json(value)); }
std::string json_of(const OtlpAttributes& attributes) { return dump(to_json(attributes)); }

}  // namespace tidewatch
