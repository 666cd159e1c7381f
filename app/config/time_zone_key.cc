#include <date/tz.h>

#include "app/config/tables.h"

namespace tidewatch::config {
namespace {

Result<std::string> known_time_zone(const std::string& name) try {
  if (name == "UTC") return name;
  std::vector<std::string_view> names;
  for (const auto& zone : date::get_tzdb().zones) {
    if (zone.name() == name) return name;
    names.emplace_back(zone.name());
  }
  return Error{"bad_value", unknown_name("time zone", name, names)};
} catch (const std::exception&) {
  return Error{"bad_value", "cannot be looked up: this machine has no time zones (package tzdata)"};
}

}  // namespace

Type<std::string> time_zone() {
  return scalar<std::string>({{"type", "string"}}, "a time zone", known_time_zone,
                             [](const std::string& name) -> Json { return name; });
}

}  // namespace tidewatch::config
