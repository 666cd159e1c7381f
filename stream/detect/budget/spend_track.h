#pragma once

#include <array>

#include "detectors/core/bytes.h"
#include "detectors/core/time.h"
#include "stream/detect/cells.h"

namespace tidewatch {

/// What an entity uses in an hour.
struct SpendRates {
  double usd = 0;
  double requests = 0;
  double input_tokens = 0;
  double output_tokens = 0;
};

/// What an entity spends, and on what: lately (forgotten by half in two hours) and usually (in a week). Few numbers, so
/// that every entity can have one: it says where the rise of a budget comes from.
class SpendTrack {
 public:
  void add(const Cells& cells, Timestamp start);  ///< a pane, in order
  SpendRates recent(Timestamp now) const { return rates(recent_, kRecentHours, now); }
  SpendRates usual(Timestamp now) const { return rates(usual_, kUsualHours, now); }
  bool is_settled(Timestamp now) const;  ///< "usually" means something

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  static constexpr double kRecentHours = 2;
  static constexpr double kUsualHours = 24 * 7;
  using Sums = std::array<double, 4>;
  SpendRates rates(const Sums& sums, double half_life, Timestamp now) const;

  Timestamp since_ = kMinTimestamp;
  Timestamp at_ = kMinTimestamp;
  Sums recent_{};
  Sums usual_{};
};

}  // namespace tidewatch
