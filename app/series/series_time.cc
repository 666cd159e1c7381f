#include "app/series/series_time.h"

#include <absl/strings/numbers.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>

namespace tidewatch {
namespace {

// The years 1824 to 2115: an int64 of nanoseconds holds the distance of any two, and windows around them.
constexpr double kMostSeconds = 4.6e9;

/// Seconds up to the year 5138, then by thousands.
double unit_of(double number) {
  const double size = std::abs(number);
  if (size < 1e11) return 1;
  if (size < 1e14) return 1e3;
  return size < 1e17 ? 1e6 : 1e9;
}

Error bad_time(std::string_view text) {
  return {"bad_time", fmt::format("\"{}\" is no time; write 2026-03-05T06:30:00Z, 2026-03-05 06:30:00 or seconds "
                                  "since 1970",
                                  text)};
}

}  // namespace

Result<Timestamp> parse_series_time(std::string_view given) {
  const absl::string_view text(given.data(), given.size());
  if (int64_t whole = 0; absl::SimpleAtoi(text, &whole)) {
    const auto unit = static_cast<int64_t>(unit_of(static_cast<double>(whole)));
    if (std::abs(static_cast<double>(whole)) / static_cast<double>(unit) > kMostSeconds) return bad_time(given);
    return Timestamp(Duration(whole * (1'000'000'000 / unit)));
  }
  if (double number = 0; absl::SimpleAtod(text, &number)) {
    const double seconds = number / unit_of(number);
    if (!(std::abs(seconds) <= kMostSeconds)) return bad_time(given);
    return Timestamp(Duration(std::llround(seconds * 1e9)));
  }
  constexpr auto kFormats = std::to_array<const char*>({
      "%Y-%m-%d%ET%H:%M:%E*S%Ez",
      "%Y-%m-%d%ET%H:%M:%E*S",
      "%Y-%m-%d %H:%M:%E*S%Ez",
      "%Y-%m-%d %H:%M:%E*S",
      "%Y-%m-%d%ET%H:%M%Ez",
      "%Y-%m-%d%ET%H:%M",
      "%Y-%m-%d %H:%M",
      "%Y-%m-%d",
  });
  absl::Time time;
  for (const char* format : kFormats) {
    if (!absl::ParseTime(format, text, &time, nullptr)) continue;
    if (std::abs(absl::ToDoubleSeconds(time - absl::UnixEpoch())) > kMostSeconds) break;
    return Timestamp(Duration(absl::ToUnixNanos(time)));
  }
  return bad_time(given);
}

}  // namespace tidewatch
