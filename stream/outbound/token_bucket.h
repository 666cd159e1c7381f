#pragma once

#include "detectors/core/time.h"

namespace tidewatch {

/// Lets through `per_minute` on average and `burst` at once. What is larger than the burst goes when the bucket is
/// full, and leaves a debt. Time is any that does not go back.
class TokenBucket {
 public:
  /// `per_minute` 0: no limit. pre: burst > 0
  TokenBucket(double per_minute, double burst);
  /// Time until `amount` may go; 0: now.
  Duration wait_for(double amount, Duration now);
  void take(double amount, Duration now);
  void give_back(double amount);  ///< of what was taken and turned out not to be needed

 private:
  void fill(Duration now);
  double per_second_;
  double burst_;
  double level_;
  Duration filled_at_ = Duration::min();
};

}  // namespace tidewatch
