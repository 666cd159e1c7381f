#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "detectors/core/interval.h"

namespace tidewatch {

/// Which side of the expectation: of a verdict, or asked for. `either` of a verdict: the measures moved both ways.
enum class Direction : uint8_t { either, up, down };

/// Whether a verdict may be acted upon.
enum class Judgement : uint8_t {
  scored,      ///< surprise and effect count
  warming_up,  ///< too little was learnt to alert; surprise is a first guess, for display
  missing,     ///< nothing to judge: no data, or no limit set
  gathering,   ///< too few observations yet: judged together with the windows that follow (the caller's `min_count`)
};

/// The part of the surprise that one observation, or how two vary together, accounts for. Parts add up to
/// Verdict::surprise.
struct Contribution {
  size_t observation = 0;  ///< index in Window::observations
  double bits = 0;
  std::optional<size_t> with{};  ///< the other of a pair (`comovement`)
};

/// The share of one category, before and now.
struct CategoryShift {
  std::string name;
  double expected = 0;
  double share = 0;
};

/// What a detector says of one window.
struct Verdict {
  Judgement judgement = Judgement::missing;
  Direction direction = Direction::either;  ///< where the value lies against what was expected
  double surprise = 0;         ///< bits: -log2 of a calibrated p-value, >= 0. 10 bits: once in 1024 windows
  double effect = 0;           ///< (value - expected) / expected; 0.15 is 15 % higher
  double effect_absolute = 0;  ///< value - expected, in the measure's units
  double value = 0;            ///< what is compared: the window's value, or the level since the change (`shift`)
  double expected = 0;         ///< 0 when nothing was learnt yet
  double expected_low = 0;     ///< central 95 % of what a window of this size shows when nothing changed
  double expected_high = 0;
  size_t observation = 0;  ///< the one that value and expected speak of: multivariate, the strongest
  uint32_t since_windows =
      0;  ///< how many windows before this one the deviation began, as far as the detector can tell
  bool suppresses_quality = false;  ///< telemetry is missing: quality detectors of this entity should stay silent
  std::vector<Contribution> contributions;  ///< several observations only; largest first
  std::vector<CategoryShift> categories;    ///< compositions only; those that moved most clearly, at most three
};

/// What was made of a verdict: how the window is to be learnt.
struct Decision {
  bool anomalous = false;         ///< learnt with reduced weight; counts towards `adapt_after`
  double weight = 1;              ///< [0, 1] further reduction: part of the window is known to be bad
  bool confirmed_normal = false;  ///< a person acknowledged the new level: taken at once
};

/// Least surprise and effect that an alert needs.
struct AlertNeeds {
  double surprise = 20;        ///< bits
  double effect = 0.1;         ///< relative, without sign
  double effect_absolute = 0;  ///< in the measure's units (rates: 0.005 is 0.5 percentage points), without sign
};

/// Bits beyond which surprise is not told apart.
inline constexpr double kMaxSurprise = 1000;

}  // namespace tidewatch
