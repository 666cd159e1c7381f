#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <optional>
#include <string_view>

#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// A JSON object of a foreign event. A member that is null or of another type than asked for is absent: foreign shapes
/// grow, and what matters is missed by name afterwards.
class JsonObject {
 public:
  explicit JsonObject(simdjson::dom::object object) : object_(object) {}

  std::optional<simdjson::dom::element> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::string_view text(std::string_view name) const;  ///< empty when absent
  std::optional<double> number(std::string_view name) const;
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<JsonObject> object(std::string_view name) const;

  /// The first of `names` that is there: RFC 3339, or ISO 8601 without a zone (UTC, as Python's isoformat writes it),
  /// or milliseconds since the epoch. Nothing when none is. Error: `bad_time`.
  Result<std::optional<Timestamp>> time(std::initializer_list<std::string_view> names) const;

 private:
  simdjson::dom::object object_;
};

std::optional<JsonObject> as_object(const simdjson::dom::element& element);

/// Nanoseconds of an RFC 3339 time. Error: `bad_time`: unreadable, or outside the years 1677 to 2262.
Result<Timestamp> parse_time(std::string_view text);

}  // namespace tidewatch
