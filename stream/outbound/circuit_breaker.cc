#include "stream/outbound/circuit_breaker.h"

#include <algorithm>

namespace tidewatch {

CircuitBreaker::State CircuitBreaker::state(Duration now) const {
  if (!is_open_) return State::closed;
  return now < opens_until_ ? State::open : State::half_open;
}

bool CircuitBreaker::allows(Duration now) const {
  switch (state(now)) {
    case State::closed:
      return true;
    case State::half_open:
      return !is_trying_;
    default:
      return false;
  }
}

void CircuitBreaker::on_sent(Duration now) { is_trying_ = state(now) == State::half_open; }

void CircuitBreaker::on_success() {
  failures_ = 0;
  is_open_ = false;
  is_trying_ = false;
  open_for_ = first_open_;
}

void CircuitBreaker::on_failure(Duration now) {
  ++failures_;
  const bool was_trying = is_trying_;
  is_trying_ = false;
  // What was sent before it opened says nothing new.
  if (is_open_ ? !was_trying : failures_ < allowed_failures_) return;
  if (is_open_) open_for_ = std::min(2 * open_for_, longest_);
  is_open_ = true;
  opens_until_ = now + open_for_;
  ++times_opened_;
}

}  // namespace tidewatch
