#include "app/gen/rfc3339.h"

#include <date/date.h>

#include <sstream>

namespace tidewatch::gen {

std::string rfc3339(Timestamp time) {
  return date::format("%FT%TZ", std::chrono::floor<std::chrono::milliseconds>(time));
}

std::optional<Timestamp> parse_rfc3339(const std::string& text) {
  for (const char* format : {"%FT%TZ", "%FT%T%Ez", "%F"}) {
    std::istringstream in(text);
    date::sys_time<std::chrono::nanoseconds> time;
    in >> date::parse(format, time);
    if (!in.fail() && (in.eof() || in.peek() == std::istringstream::traits_type::eof())) return time;
  }
  return std::nullopt;
}

}  // namespace tidewatch::gen
