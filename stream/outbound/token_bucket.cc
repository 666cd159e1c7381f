#include "stream/outbound/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace tidewatch {

TokenBucket::TokenBucket(double per_minute, double burst)
    : per_second_(per_minute / 60), burst_(burst), level_(burst) {}

void TokenBucket::fill(Duration now) {
  if (filled_at_ != Duration::min() && now > filled_at_)
    level_ = std::min(burst_, level_ + per_second_ * to_seconds(now - filled_at_));
  filled_at_ = std::max(filled_at_, now);
}

Duration TokenBucket::wait_for(double amount, Duration now) {
  if (per_second_ <= 0) return Duration::zero();
  fill(now);
  const double missing = std::min(amount, burst_) - level_;
  // A nanosecond's worth is no reason to wait: rounding alone would wait for ever.
  if (missing <= per_second_ * 1e-9) return Duration::zero();
  return Duration(static_cast<int64_t>(std::ceil(missing / per_second_ * 1e9)));
}

void TokenBucket::take(double amount, Duration now) {
  if (per_second_ <= 0) return;
  fill(now);
  level_ -= amount;
}

void TokenBucket::give_back(double amount) { level_ = std::min(burst_, level_ + amount); }

}  // namespace tidewatch
