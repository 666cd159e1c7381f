#include "detectors/detect/period_clock.h"

namespace tidewatch {

int64_t PeriodClock::index_of(Timestamp at) const {
  const auto since = at.time_since_epoch();
  const int64_t quotient = since / period_;
  return since < quotient * period_ ? quotient - 1 : quotient;
}

PeriodClock::Step PeriodClock::move_to(int64_t index) {
  const Step step{index - index_, is_whole_};
  if (step.ended > 0) {
    index_ = index;
    is_whole_ = true;
  }
  return step;
}

PeriodClock::Step PeriodClock::begin(const Window& window) {
  const int64_t index = index_of(window.start);
  if (index_ == kNone) {
    index_ = index;
    is_whole_ = window.start.time_since_epoch() == index * period_;
  }
  return move_to(index);
}

PeriodClock::Step PeriodClock::end(const Window& window) {
  const int64_t index = index_of(window.end());
  return index > index_ ? move_to(index_ + 1) : Step{};
}

void PeriodClock::save(ByteWriter& out) const {
  out.put(index_);
  out.put(static_cast<uint8_t>(is_whole_ ? 1 : 0));
}

bool PeriodClock::load(ByteReader& in) {
  index_ = in.get<int64_t>();
  const auto whole = in.get<uint8_t>();
  is_whole_ = whole == 1;
  // Beyond what a timestamp can say, differences would overflow.
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 4;
  return whole <= 1 && (index_ == kNone || (index_ > -kMost && index_ < kMost));
}

}  // namespace tidewatch
