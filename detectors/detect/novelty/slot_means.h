#pragma once

#include <cstddef>
#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// What a slot of a cycle (an hour of the day, an hour of the week) shows on the average, drawn towards the mean of all
/// as far as slots have turned out not to foretell: a series without the cycle has no season to subtract (empirical
/// Bayes; James & Stein 1961). A slot is learnt by visits, runs of rows within it; the last visits count more.
class SlotMeans {
 public:
  /// `half_life`: visits of a slot until what was learnt of it counts half. `memory`: rows, of the mean of all.
  SlotMeans(size_t slots, double half_life, double memory);

  double expected(size_t slot) const;  ///< 0 before the first row
  void learn(size_t slot, double value);

  size_t memory_bytes() const;  ///< beyond the object itself
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  void end_visit();

  double newest_weight_;
  double memory_;
  std::vector<double> means_;
  std::vector<float> visits_;
  double mean_ = 0;  ///< of all rows
  double rows_ = 0;
  double slot_error_ = 0;  ///< mean squared error of the slot's mean, of visits
  double mean_error_ = 0;  ///< of the mean of all
  double compared_ = 0;    ///< visits behind these errors
  size_t slot_ = 0;        ///< of the visit under way
  double visit_sum_ = 0;
  double visit_rows_ = 0;  ///< 0: no visit under way
};

}  // namespace tidewatch
