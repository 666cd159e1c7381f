#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "detectors/core/time.h"
#include "detectors/core/verdict.h"
#include "detectors/decide/lifecycle.h"
#include "detectors/decide/wording.h"

namespace tidewatch {

/// What kind of thing a detector says; it decides the words.
enum class Pattern : uint8_t {
  deviation,   ///< a window, or a level since a change, against what was expected
  limit,       ///< a limit that people set; Verdict::expected is the limit
  silence,     ///< too little telemetry
  drift,       ///< another composition; Verdict::value is the share that changed category
  spread,      ///< another distribution; Verdict::value is the share that changed class, the categories are classes
  reference,   ///< against what a test set showed; Verdict::expected is that
  contrast,    ///< against siblings in the same windows; Verdict::expected is theirs
  trend,       ///< a level that has been moving on for long; Verdict::expected is where it came from
  comovement,  ///< measures vary together otherwise than learnt; Verdict::value is a correlation, or times the spread
};

/// Something that happened near the beginning and may be the cause.
struct NearChange {
  std::string what;  ///< "first sight of model=gpt-x"
  Timestamp at{};
};

/// What an alert is about, in words. Views must outlive the call.
struct Occasion {
  std::string_view measure;  ///< as watched: "refusal_rate", "latency_p95"; of Verdict::observation
  Quantity quantity = Quantity::number;
  std::string_view noun{};  ///< of counts: "tokens"; of a spread, the unit of its classes; may be empty
  std::string_view entity;  ///< "service=shop, endpoint=/chat"
  Timestamp start{};        ///< of the window that decided
  Duration width{};
  double n = 0;  ///< observations behind the value; 0: unknown, not said
  Pattern pattern = Pattern::deviation;
  std::string_view siblings{};       ///< what siblings differ in, "variant"; empty: it has none
  std::string_view borrowed_from{};  ///< whose past was the baseline: "service=shop as a whole"; empty: its own
  uint32_t own_windows = 0;          ///< with borrowed_from: how many there are of its own
  std::span<const std::string_view> measures{};  ///< names by observation, for contributions
  std::span<const double> limits{};              ///< that people set on the measure: a trend comes to them
  std::span<const NearChange> changes{};         ///< the three nearest to the beginning are told
};

/// Why an alert fired or escalated: "refusal_rate on service=shop, endpoint=/chat is 12.3 % of 412 (expected 2.1 %,
/// usual range 0.5-4.0 %) from 14:05 to 14:10 UTC: +10.2 percentage points (+486 %), a surprise of 45 bits (once in
/// 3.5e13 windows). It began 3 min after the first sight of model=gpt-x." Pure; the same call gives the same text.
std::string why_fired(const Occasion& occasion, const Verdict& verdict);

/// Why it ended: where the value is now, how long it lasted, the worst that was seen.
std::string why_resolved(const Occasion& occasion, const Verdict& verdict, const Transition& transition);

}  // namespace tidewatch
