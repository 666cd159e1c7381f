#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "detectors/decide/lifecycle.h"
#include "detectors/decide/surprise_calibration.h"
#include "unit/detectors/detect/traffic.h"

namespace tidewatch::testing {

/// What a series may look like in which nothing is wrong. Windows of five minutes.
enum class Quiet : uint8_t {
  many_data,       ///< 300 observations a window
  few_data,        ///< ten to twenty observations a window, latencies skewed
  seasonal,        ///< hours and weekends differ in volume and in level
  autocorrelated,  ///< the level wanders: two thirds of its variance have a correlation of 0.9 from window to window
  bursty,          ///< five times a day four times the volume, for some twenty minutes, and up to one sigma slower
  launches,        ///< volume multiplies within minutes, six times in twelve weeks; a third is born in the middle
  season_change,   ///< clocks change after five weeks, the habits of users after eight
  heavy_tails,     ///< variation between windows is Student-t with four degrees of freedom: beyond any claim
};
inline constexpr size_t kQuietKinds = 8;
/// The first so many are what the budget of false alarms is promised for.
inline constexpr size_t kPromisedKinds = 6;
std::string_view name_of(Quiet kind);

/// One series of a kind, drawn from its seed: the same on every machine.
class QuietSeries {
 public:
  enum class Shape : uint8_t { latency, rate, count, latency_and_rate };
  QuietSeries(Quiet kind, Shape shape, uint64_t seed);

  /// What the next window shows. Missing before its birth.
  const std::vector<Observation>& next();

 private:
  double volume();
  double variation();  ///< of the level, in standard deviations
  Observation latency(double n, double change);
  Observation rate_of(double n, double change);

  Quiet kind_;
  Shape shape_;
  Traffic traffic_;
  size_t index_ = 0;
  size_t birth_ = 0;
  double size_ = 300;  ///< observations a window
  double level_ = 1;   ///< seconds
  double share_ = 0.05;
  double depth_ = 0;      ///< of the day
  double wandering_ = 0;  ///< AR(1) of variance 1
  double burst_ = 0;
  double launched_ = 1;  ///< times the volume
  std::vector<Observation> seen_;
};

/// Alarms of one series: its first alerts, without those that reopen one.
struct Alarms {
  size_t calibrated = 0;
  size_t fixed = 0;  ///< had the claims of the detector been taken at their word
};

/// A rule at work as in the engine (Watcher): score, calibrate, decide, learn. Without a least effect.
class QuietWatch {
 public:
  QuietWatch(std::string_view detector, size_t observations, Direction direction);
  /// Returns the verdict as the detector claims it.
  Verdict judge(const Window& window);
  const Alarms& alarms() const { return alarms_; }
  const SurpriseCalibration& calibration() const { return calibration_; }
  bool is_firing() const { return lifecycle_.is_firing(); }

 private:
  std::unique_ptr<Detector> detector_;
  std::vector<Direction> worse_;
  Context context_;
  SurpriseCalibration calibration_;
  AlertLifecycle lifecycle_;
  AlertLifecycle fixed_;
  AlertRule rule_;
  Alarms alarms_;
};

/// Number `index` of the fleet of a kind, over so many weeks. Detectors and shapes take turns: point, shift and
/// multivariate on latencies, rates and counts (what bursts and launches multiply is watched for gaps, as by default).
Alarms watch_quiet(Quiet kind, size_t index, size_t weeks);

/// Windows of five minutes, 1 a week on 100 series.
double asked_bits();

}  // namespace tidewatch::testing
