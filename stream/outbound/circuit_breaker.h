#pragma once

#include <cstdint>

#include "detectors/core/time.h"

namespace tidewatch {

/// Stops asking a server that does not answer (Nygard, "Release It!"). Closed: all goes. After `failures` in a row it
/// is open: nothing goes for a while, then half-open: one request tries. If that fails it is open for twice as long, up
/// to `longest`; if it succeeds all is as before.
class CircuitBreaker {
 public:
  CircuitBreaker(uint32_t failures, Duration open, Duration longest)
      : allowed_failures_(failures), first_open_(open), longest_(longest), open_for_(open) {}

  enum class State : uint8_t { closed, open, half_open };
  State state(Duration now) const;
  bool allows(Duration now) const;
  void on_sent(Duration now);  ///< pre: allows(now)
  void on_success();
  void on_failure(Duration now);
  /// A request that was sent neither failed nor succeeded (it was given up): the next one may try.
  void on_abandoned() { is_trying_ = false; }

  uint64_t times_opened() const { return times_opened_; }

 private:
  uint32_t allowed_failures_;
  Duration first_open_;
  Duration longest_;
  Duration open_for_;
  Duration opens_until_{};
  uint32_t failures_ = 0;  ///< in a row
  bool is_open_ = false;   ///< or half-open, when its time is over
  bool is_trying_ = false;
  uint64_t times_opened_ = 0;
};

}  // namespace tidewatch
