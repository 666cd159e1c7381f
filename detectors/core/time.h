#pragma once

#include <chrono>

namespace tidewatch {

/// Event time everywhere: nanoseconds since the Unix epoch (UTC), the resolution of OTLP.
using Duration = std::chrono::nanoseconds;
using Timestamp = std::chrono::sys_time<Duration>;

inline constexpr Timestamp kMinTimestamp = Timestamp::min();  ///< before every event: "no watermark yet"
inline constexpr Timestamp kMaxTimestamp = Timestamp::max();  ///< after every event: "the stream has ended"

/// Largest multiple of `width` since the epoch that is not after `time`. Pre: width > 0.
constexpr Timestamp align_down(Timestamp time, Duration width) {
  const Duration since = time.time_since_epoch();
  Duration rest = since % width;
  if (rest < Duration::zero()) rest += width;
  return time - rest;
}

/// `time - by`, staying at the ends of the range: a watermark at either end stays there.
constexpr Timestamp saturating_minus(Timestamp time, Duration by) {
  if (time == kMaxTimestamp || time == kMinTimestamp) return time;
  return time < kMinTimestamp + by ? kMinTimestamp : time - by;
}

constexpr double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace tidewatch
