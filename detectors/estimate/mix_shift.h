#pragma once

#include <span>
#include <vector>

namespace tidewatch {

/// One group of a population in one of two periods: its size and the mean of what is measured (a rate, a score).
struct GroupMean {
  double count = 0;     ///< units, weighted ones by their weights
  double mean = 0;      ///< ignored where count is 0
  double variance = 0;  ///< sampling variance of `mean`
};

struct GroupChange {
  GroupMean before;
  GroupMean after;
};

/// An estimate with its standard error, both in units of the mean.
struct Estimate {
  double value = 0;
  double error = 0;
};

/// What of the change of a population's mean is a change of its make-up, and what a change within its groups.
/// total = mix + within, exactly.
struct MixShift {
  Estimate total;
  Estimate mix;
  Estimate within;
  /// What each group adds to `mix` and to `within`, in the order given. A group that is above the population's average
  /// and has grown adds to the mix; one whose own mean has moved adds within.
  struct Part {
    double mix = 0;
    double within = 0;
  };
  std::vector<Part> parts;
};

/// Kitagawa's decomposition ("Components of a Difference Between Two Rates", JASA 50, 1955), the symmetric one, whose
/// parts do not depend on which period comes first:
///   within = Σ (s0 + s1)/2 · (y1 - y0),   mix = Σ (s1 - s0) · ((y0 + y1)/2 - c),
/// s a group's share and y its mean; c, the mean of the population's means before and after, cancels in the sum. A
/// group that is there in one period only has moved the mix by all it has: nothing is known of a change within.
/// Standard errors by the delta method: means of groups independent, shares multinomial of the counts.
/// Simpson's paradox is a case of it: every group better, the whole worse.
/// Empty, or one period without any unit: all zero.
MixShift mix_shift(std::span<const GroupChange> groups);

}  // namespace tidewatch
