#pragma once

#include "detectors/core/time.h"

namespace tidewatch {

/// When simulated messages are sent.
class Pace {
 public:
  /// When its time has come by the wall clock; what lies in the past at once.
  static Pace as_due() { return {Kind::as_due, 1, {}, {}}; }
  /// All at once.
  static Pace no_wait() { return {Kind::no_wait, 1, {}, {}}; }
  /// The message of time `first` at wall time `begin`, the others after it at `speed` times real time. Pre: speed > 0.
  static Pace times_real(double speed, Timestamp first, Timestamp begin) {
    return {Kind::times_real, speed, first, begin};
  }

  /// The wall time at which a message of this time is to be sent; kMinTimestamp for at once.
  Timestamp due(Timestamp message) const;

  /// How far the record time of a message would lie ahead of the clock when it is sent, for a run that begins at
  /// `begin`.
  Duration ahead(Timestamp message, Timestamp begin) const;

 private:
  enum class Kind { as_due, no_wait, times_real };
  Pace(Kind kind, double speed, Timestamp first, Timestamp begin)
      : kind_(kind), speed_(speed), first_(first), begin_(begin) {}

  Kind kind_;
  double speed_;
  Timestamp first_;
  Timestamp begin_;
};

}  // namespace tidewatch
