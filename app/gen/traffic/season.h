#pragma once

#include "app/gen/traffic/random.h"
#include "app/gen/traffic/world.h"
#include "detectors/core/time.h"

namespace tidewatch::gen {

/// Expected traffic of a service at a time, relative to its mean over a working day: one wide peak a day, less on
/// Saturday and Sunday (UTC).
double season(const Service& service, Timestamp at);
bool is_weekend(Timestamp at);

/// What no calendar explains: slow random wandering of traffic and of model latency around their season, as real
/// services show. First-order autoregressive in steps of kStep.
class Weather {
 public:
  static constexpr Duration kStep = std::chrono::minutes(5);

  explicit Weather(uint64_t seed) : random_(seed) {}
  /// Moves on to `at`; pre: never backwards.
  void advance(Timestamp at);
  double traffic() const;  ///< factor, within a few percent of 1
  double latency() const;  ///< factor

 private:
  Random random_;
  Timestamp until_ = kMinTimestamp;
  double traffic_ = 0;  ///< logarithms, in stationary standard deviations
  double latency_ = 0;
};

}  // namespace tidewatch::gen
