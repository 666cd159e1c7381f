#pragma once

#include <cstdint>

#include "detectors/core/params.h"

namespace tidewatch {

/// How a baseline learns; part of the parameter table of every detector that owns baselines.
struct BaselineParams {
  double half_life = 864;       ///< windows; level and spread (864 windows of 5 min: three days)
  double season_half_life = 6;  ///< visits of an hour of the week, so weeks
  bool season = true;           ///< false saves 1.3 kB by series
  uint32_t warm_up = 36;        ///< windows
  uint32_t adapt_after = 288;   ///< windows; 288 of 5 min: a day
  double min_spread = 0.02;     ///< standard deviation, relative

  static constexpr auto table() {
    return params(
        field("half_life", &BaselineParams::half_life, range(8, 1e6),
              "windows until what was learnt of the level and the spread counts half", "windows"),
        field("season_half_life", &BaselineParams::season_half_life, range(1, 104),
              "visits until what was learnt of an hour of the week counts half", "weeks"),
        field("season", &BaselineParams::season, any_value(), "learn the hour of the day and the day of the week"),
        field("warm_up", &BaselineParams::warm_up, range(4, 1e6), "windows with data before the detector may alert",
              "windows"),
        field("adapt_after", &BaselineParams::adapt_after, range(2, 1e6),
              "anomalous windows on one side after which the new level is taken as normal", "windows"),
        field("min_spread", &BaselineParams::min_spread, range(0, 1),
              "smallest natural variation between windows that is believed, relative to the level"));
  }
};

}  // namespace tidewatch
