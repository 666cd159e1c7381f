#include "stream/ingest/findings/json_object.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <limits>
#include <string>

#include "stream/ingest/findings/own_events.h"

namespace tidewatch {
namespace {

using simdjson::dom::element;

/// Times without a zone are UTC; a space may stand for the T.
std::string with_zone(std::string_view text) {
  constexpr size_t kDateLength = 10;
  std::string out(text);
  if (out.size() <= kDateLength) return out;
  if (out[kDateLength] == ' ') out[kDateLength] = 'T';
  if (out.find_first_of("Zz+-", kDateLength) == std::string::npos) out += 'Z';
  return out;
}

}  // namespace

Result<Timestamp> parse_time(std::string_view text) {
  google::protobuf::Timestamp time;
  if (!google::protobuf::util::TimeUtil::FromString(with_zone(text), &time))
    return Error{"bad_time",
                 fmt::format("the time \"{}\" must look like 2026-03-01T12:00:00.250Z", text.substr(0, 40))};
  return to_timestamp(time);
}

std::optional<JsonObject> as_object(const element& in) {
  simdjson::dom::object out;
  if (in.get(out) != simdjson::SUCCESS) return std::nullopt;
  return JsonObject(out);
}

std::optional<element> JsonObject::find(std::string_view name) const {
  element found;
  if (object_[name].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

std::string_view JsonObject::text(std::string_view name) const {
  std::string_view out;
  const auto found = find(name);
  if (!found || found->get(out) != simdjson::SUCCESS) return {};
  return out;
}

std::optional<double> JsonObject::number(std::string_view name) const {
  double out = 0;
  const auto found = find(name);
  if (!found || found->get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<bool> JsonObject::boolean(std::string_view name) const {
  bool out = false;
  const auto found = find(name);
  if (!found || found->get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<JsonObject> JsonObject::object(std::string_view name) const {
  const auto found = find(name);
  return found ? as_object(*found) : std::nullopt;
}

Result<std::optional<Timestamp>> JsonObject::time(std::initializer_list<std::string_view> names) const {
  constexpr int64_t kNanosPerMilli = 1'000'000;
  for (const auto name : names) {
    const auto found = find(name);
    if (!found) continue;
    if (int64_t milliseconds = 0; found->get(milliseconds) == simdjson::SUCCESS) {
      constexpr int64_t kLimit = std::numeric_limits<int64_t>::max() / kNanosPerMilli;
      if (milliseconds > kLimit || milliseconds < -kLimit)
        return Error{"bad_time", fmt::format("\"{}\" is out of range (after the year 2262)", name)};
      return std::optional(Timestamp(Duration(milliseconds * kNanosPerMilli)));
    }
    const auto time = parse_time(text(name));
    if (!time) return time.error();
    return std::optional(*time);
  }
  return std::optional<Timestamp>();
}

}  // namespace tidewatch
