#pragma once

#include <memory>

#include "detectors/core/bytes.h"
#include "detectors/core/window.h"

namespace tidewatch {

/// How an hour of the week differs from the level, and how well that is known.
struct SeasonEffect {
  double location = 0;  ///< to add to the level
  double variance = 0;  ///< of `location`
};

/// Hour of day × day of week, learnt from any amount of data by borrowing: an hour of the week is drawn towards the
/// same hour of the same day type (working day, weekend), that towards the hour of the day, that towards the level.
/// How strongly is itself learnt from how much they differ (empirical Bayes). Holidays are a day of their
/// own, drawn towards Sunday as far as day types resemble each other: the first one is a Sunday that is less certain.
/// Only the 168 hours are stored (1344 bytes, once something was learnt; 192 more after a holiday); the coarser seasons
/// are sums over them.
class Season {
 public:
  /// `hour_spread`: standard deviation expected between hours of the day before any is seen.
  explicit Season(double hour_spread = 0.3);
  Season(const Season& other);
  Season& operator=(const Season& other);
  Season(Season&&) noexcept = default;
  Season& operator=(Season&&) noexcept = default;

  SeasonEffect effect(SeasonSlot slot) const;
  /// `deviation` from the level was seen with `precision` (1 / variance); `decay` in (0, 1] is applied to what this
  /// hour knew before. Pre: precision > 0.
  void learn(SeasonSlot slot, double deviation, double precision, double decay);
  void rescale(double factor);   ///< multiplies every deviation
  void trust(double precision);  ///< what is known of an hour of the week counts no more than that

  size_t memory_bytes() const;
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  struct Hour {
    float deviation = 0;
    float precision = 0;
  };
  struct Week {
    Hour hours[7][24];
  };
  struct Day {
    Hour hours[24];
  };
  struct Pooled {
    double deviation = 0;
    double precision = 0;
  };
  Hour& cell_of(SeasonSlot slot);
  Pooled pool(unsigned hour, unsigned first_day, unsigned end_day) const;
  void learn_spreads();

  double prior_ = 0.09;              ///< variance between hours of the day, before data
  double between_hours_ = 0.09;      ///< variance of hours of the day around the level
  double between_day_types_ = 0.02;  ///< variance of an hour of a day type around the hour of the day
  double between_days_ = 0.006;      ///< variance of an hour of the week around that
  unsigned last_hour_ = 24;          ///< the spreads are learnt when the hour changes
  std::unique_ptr<Week> week_;
  std::unique_ptr<Day> holiday_;
};

}  // namespace tidewatch
