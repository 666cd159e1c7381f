#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/core/result.h"
#include "detectors/core/time.h"
#include "stream/alert/alert_matcher.h"
#include "tidewatch/v1/raised.pb.h"

namespace tidewatch {

/// The silences that are known. Time is event time.
class Silences {
 public:
  struct Silence {
    v1::SilenceState state;
    std::vector<LabelMatcher> matchers;
    Timestamp from{};
    Timestamp until{};

    bool is_active(Timestamp now) const { return from <= now && now < until; }
  };

  /// What a person may command: ends after it begins. Errors: `bad_silence`.
  static Status check(const v1::Silence& silence);
  /// Takes a silence, also in place of one with its id, and also one that has ended. Errors: `bad_matcher`,
  /// `bad_silence` (it has no matcher).
  Status put(v1::SilenceState state);
  /// Ends one at `now`; false when there is none that goes on.
  bool expire(std::string_view id, Timestamp now);
  /// Why an alert is told to nobody at `now`.
  std::vector<v1::AlertSuppression> suppressing(const v1::Alert& alert, Timestamp now) const;
  /// When one next begins or ends, after `now`.
  std::optional<Timestamp> next_change(Timestamp now) const;
  /// Forgets those that ended before `now`; their ids.
  std::vector<std::string> forget(Timestamp now);
  const Silence* find(std::string_view id) const;

 private:
  std::map<std::string, Silence, std::less<>> silences_;  ///< by id
};

}  // namespace tidewatch
