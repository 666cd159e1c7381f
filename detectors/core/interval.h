#pragma once

namespace tidewatch {

/// Two ends of an interval, both included, in the units of what it is about. Where nothing else is said: of 95 %.
struct Interval {
  double low = 0;
  double high = 0;
  double width() const { return high - low; }
  bool contains(double value) const { return low <= value && value <= high; }
};

}  // namespace tidewatch
