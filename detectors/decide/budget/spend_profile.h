#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "detectors/core/bytes.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// What an hour usually costs, by hour of the week; holidays count as Sundays. A mean of the last eight or so hours of
/// its kind, drawn towards that of its hour of the day by the weight of one; before two days were seen the mean of all
/// hours. How much hours vary about it, given the hours just before, is the dispersion of an over-dispersed Poisson law
/// (variance = dispersion * expected; McCullagh & Nelder, Generalized Linear Models, 1989, ch. 6), and how much whole
/// days differ from what was expected of them a relative variance of its own, as what moves a day moves all its hours.
class SpendProfile {
 public:
  /// A whole hour, in order. `spend`: not negative; `ratio`: by which the hours just before lay above what was
  /// expected.
  void learn(const SeasonSlot& slot, double spend, double ratio = 1);
  double expected(const SeasonSlot& slot) const;  ///< 0 before the first hour
  double dispersion() const;                      ///< in units of money
  double day_variance() const;                    ///< relative; a quarter squared counts as two days seen before
  bool is_seasonal() const { return hours_ >= kSeasonalAfter; }
  uint32_t hours() const { return hours_; }

  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  static constexpr uint32_t kSeasonalAfter = 48;
  struct Mean {
    float value = 0;
    uint8_t n = 0;
    void learn(double x, uint8_t most);
  };
  void close_day(unsigned weekday);

  std::array<Mean, size_t{7} * 24> week_{};
  std::array<Mean, 24> day_{};
  Mean all_{};
  uint32_t hours_ = 0;
  double residuals_ = 0;  ///< squared, by what was expected: forgotten by a 200th an hour
  double residual_hours_ = 0;
  uint8_t weekday_ = 255;  ///< of the day that is being summed up; 255: none
  double day_spend_ = 0;
  double day_expected_ = 0;
  double day_errors_ = 0;  ///< squared, relative: forgotten by a 30th a day
  double days_ = 0;
};

}  // namespace tidewatch
