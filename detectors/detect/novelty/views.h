#pragma once

#include <array>
#include <cstddef>

#include "detectors/core/bytes.h"
#include "detectors/core/window.h"
#include "detectors/detect/novelty/recent.h"
#include "detectors/detect/novelty/slot_means.h"

namespace tidewatch {

/// What is looked at in a row of a series of which nothing is known: the value, its level over some time, and how rough
/// the series has become, the first two beside what this hour of the day and this hour of the week show.
enum class View : uint8_t { value_by_day, value_by_week, level_by_day, level_by_week, roughness };
inline constexpr size_t kViews = 5;

/// A row under each view.
struct ViewOf {
  std::array<double, kViews> values{};
  std::array<double, kViews> magnitudes{};  ///< what a view's values are measured by: less than 1e-6 of it is rounding
  double expected = 0;                      ///< by hour of the week, as far as that foretells
};

/// Turns rows into views, with what is needed of the past.
class Views {
 public:
  struct Lengths {
    size_t level = 40;       ///< rows
    size_t roughness = 100;  ///< rows
    double memory = 20000;   ///< rows
  };
  explicit Views(const Lengths& lengths);

  ViewOf look(double value, SeasonSlot slot) const;
  void learn(double value, SeasonSlot slot);

  size_t memory_bytes() const;  ///< beyond the object itself
  void save(ByteWriter& out) const;
  bool load(ByteReader& in);

 private:
  double squared_step(double value) const;

  SlotMeans day_;
  SlotMeans week_;
  Recent by_day_;   ///< residuals
  Recent by_week_;  ///< residuals
  Recent steps_;    ///< squared differences of neighbours
  double last_ = 0;
  double rows_ = 0;  ///< of those that measure the series: the first 150
  double mean_ = 0;
  double squares_ = 0;
  double magnitude_ = 0;  ///< mean absolute value
};

}  // namespace tidewatch
