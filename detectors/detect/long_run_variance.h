#pragma once

#include "detectors/core/bytes.h"

namespace tidewatch {

/// How much more sums of consecutive scores vary than those of independent ones would: what a detector that adds scores
/// up has to divide by. 1 for independent scores of variance 1.
///
/// Two estimates, of which the larger counts. Neighbours: (1 + r) / (1 - r) of the correlation r of consecutive scores,
/// as of an AR(1) process. Batches: the squares of the sums over an hour, by window (batch means; Law & Carson 1979),
/// which sees what neighbours do not: that the season of this hour is off by a little, in all of its windows. Until
/// batches were seen, what the baseline says of its own error stands in for them. Single scores and batches count in
/// bounds, so that an incident is not taken for how the series is.
class LongRunVariance {
 public:
  /// `season_errors` >= 1: long-run variance because of the season's own error, as the baseline claims it.
  double value(double season_errors) const;

  /// The next window's score, with the weight in [0, 1] that it is learnt with; `hour` of the season it lies in.
  void learn(double score, double weight, unsigned hour, double season_errors);
  void gap() { last_ = 0; }  ///< the next score follows nothing

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when what was read is cut off or out of range

 private:
  double of_neighbours() const;
  void end_batch(double season_errors);

  double last_ = 0;      ///< score of the window before; 0 after a gap
  double products_ = 0;  ///< weighted mean of products of consecutive scores
  double squares_ = 0;   ///< weighted mean of their squares
  double weight_ = 0;
  double batch_sum_ = 0;  ///< of the hour that is being filled
  double batch_windows_ = 0;
  double batch_squares_ = 0;   ///< of the sums over hours, forgetting
  double batch_exposure_ = 0;  ///< windows in them
  double batches_ = 0;
  unsigned hour_ = 24;
};

}  // namespace tidewatch
