#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/decide/cause/evidence.h"

namespace tidewatch {

/// Where to look first.
enum class CauseKind : uint8_t {
  model,      ///< another model answers
  prompt,     ///< another prompt version
  data,       ///< what is retrieved
  users,      ///< who asks what
  provider,   ///< the model's provider is slow, refuses or fails
  service,    ///< the service itself: its code, what it sends, what it depends on
  telemetry,  ///< what is missing is the telemetry
  rollout,    ///< a variant that is being rolled out
  unknown,    ///< the evidence does not say
};
inline constexpr size_t kCauseKinds = 9;
std::string_view name_of(CauseKind kind);

struct Cause {
  CauseKind kind = CauseKind::unknown;
  double confidence = 0;                            ///< [0, 1]: of `kind`; of unknown, that none of the others is meant
  std::array<double, kCauseKinds> probabilities{};  ///< by kind, 1 together
  std::string why;                                  ///< a sentence with figures
};

/// Least probability with which a cause is named.
inline constexpr double kLeastConfidence = 0.5;

/// The likeliest cause of an alert. Each clue that the evidence gives (cause/clues.h) adds to the logarithm of the odds
/// of some kinds and takes from others, by the table of cause/weights.h; `unknown` has the odds that a cause must beat.
/// Confidences are the softmax of these sums: they order causes, and are not calibrated beyond what docs/causes.md
/// measures. Where no cause reaches kLeastConfidence it is unknown, and `why` says what is missing. Pure.
Cause likeliest_cause(const CauseEvidence& evidence);

}  // namespace tidewatch
