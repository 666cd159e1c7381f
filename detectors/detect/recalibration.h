#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"
#include "detectors/detect/tail.h"

namespace tidewatch {

/// What a detector's own tails are worth, learnt from how far out its windows lay so far (recalibration by the
/// empirical distribution of p-values: Kuleshov, Fenner & Ermon, ICML 2018). A null model that is a little too wide or
/// too narrow for a series claims p-values that are exceeded too rarely or too often; what p_value() returns is
/// exceeded as often as it says.
///
/// For each side, and for the more surprising of the two, it counts the windows that claimed more than 2, 4, 6, 8 and
/// 11 bits. Each count is a share of the one before it, with a prior that continues the step below: a deficit whole, a
/// surplus by half; the first one's is the claim. Between those bits it is linear. Beyond 11 bits nothing was counted:
/// there a surplus over the claim ends, whereas a deficit grows as it did between 8 and 11. Half of what was learnt is
/// forgotten in half a year of 5 min.
///
/// Windows in a row beyond 2 bits are an episode, which counts once it is over, its first 255 windows at most: what
/// is under way does not argue itself away. If part of it was an incident, all of it counts as that.
///
/// It speaks of windows, as the claim does. How windows make episodes, and what episodes ask of an alert, is
/// SurpriseCalibration's (decide).
///
/// 84 bytes.
class Recalibration {
 public:
  /// What the claim for the side `asked` is worth. `prior_events`: windows beyond a number of bits that the prior is
  /// worth; more of them where windows that are far out follow each other and so tell less.
  double p_value(const Tail& claimed, Direction asked, double prior_events) const;
  /// `weight` in [0, 1]: what happened in an incident is not how the series is.
  void learn(const Tail& claimed, double weight);

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when what was read is cut off or out of range

 private:
  static constexpr size_t kSteps = 5;
  /// Windows, and by Direction those beyond each number of bits.
  template <typename Number>
  struct Counts {
    Number windows = 0;
    std::array<std::array<Number, kSteps>, 3> beyond{};
  };
  static void count(const Tail& claimed, Counts<uint8_t>& counts);
  void add(const Counts<uint8_t>& counts, double weight);

  Counts<float> past_;
  Counts<uint8_t> episode_;
  float episode_weight_ = 1;  ///< the least of its windows
};

}  // namespace tidewatch
