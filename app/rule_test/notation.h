#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "app/gen/traffic/random.h"
#include "detectors/core/result.h"
#include "detectors/core/time.h"

namespace tidewatch {

/// One part of a series: a value, repeated.
struct SeriesPart {
  enum class Kind : uint8_t {
    constant,  ///< `0.02`
    ramp,      ///< `0.02..0.10 over 12`: evenly from the first to the last, both included
    normal,    ///< `normal(1.0, 0.1)`: mean and standard deviation
    daily,     ///< `daily(40, 120)`: lowest at 04:00, highest at 16:00 UTC
    missing,   ///< `_`: no data
  };
  Kind kind = Kind::constant;
  double first = 0;
  double second = 0;
  uint32_t steps = 1;
};

/// The parts of a series: `0.02 x 288, 0.02..0.10 over 12, _ x 6, normal(0.1, 0.01) x 2h`. What follows `x` or `over`
/// is a number of steps, or a duration of as many. Values may have units (`15%`, `200ms`, `2 USD`). Errors: `bad_value`
/// with a message that names the part and completes `"..." `.
Result<std::vector<SeriesPart>> parse_series(std::string_view text, Duration step);

/// Most steps of one series.
inline constexpr size_t kMostSteps = 200'000;
size_t steps_of(const std::vector<SeriesPart>& parts);

/// A value by step; nothing where data is missing. `start`: of the first step. The same seed gives the same values.
std::vector<std::optional<double>> expand(const std::vector<SeriesPart>& parts, Timestamp start, Duration step,
                                          gen::Random& random);

}  // namespace tidewatch
