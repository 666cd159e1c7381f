#pragma once

#include <vector>

#include "detectors/core/bytes.h"

namespace tidewatch {

/// By how much a series varies more or less in an hour of the day than it does on the whole: a factor of the variance
/// between windows, learnt from squared residuals and drawn towards 1 as far as hours do not differ by more than chance
/// lets them (empirical Bayes, as in season.h). A series that varies alike at all hours gets factors of about 1.
/// Memory: 192 bytes once something was learnt.
class HourlySpread {
 public:
  /// In [1/kMost, kMost]; 1 where nothing is known. `hour` is in [0, 23].
  double factor(unsigned hour) const;

  /// `ratio`: (squared residual - what else explains it) / variance between windows. `tells` in [0, 1]: what a window
  /// says of it, in windows without other noise that are independent. `decay` in (0, 1] is applied to what this hour
  /// knew before.
  void learn(unsigned hour, double ratio, double tells, double decay);

  size_t memory_bytes() const { return sizeof(HourlySpread) + hours_.capacity() * sizeof(Hour); }
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);  ///< false when what was read is not one

 private:
  static constexpr double kMost =
      8;  ///< times the variance on the whole; wider ones, on a logarithm, would span everything
  struct Hour {
    float sum = 0;
    float weight = 0;
  };
  double log_ratio(const Hour& hour) const;
  void learn_between();

  std::vector<Hour> hours_;  ///< 24, or none
  float mean_ = 1;           ///< of all hours
  float between_ = 0;        ///< variance of the logarithms of hours around it
  unsigned char last_hour_ = 24;
};

}  // namespace tidewatch
