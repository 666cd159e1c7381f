#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/core/time.h"
#include "stream/runtime/record.h"
#include "tidewatch/v1/rollout.pb.h"

namespace tidewatch {

/// What was decided of one rollout.
struct RolloutStanding {
  std::optional<v1::RolloutDecision> latest;  ///< a drill does not count
  std::optional<v1::RolloutDecision> drill;   ///< the last one
  std::deque<v1::RolloutDecision> history;    ///< the oldest first, the last kMostHistory
  static constexpr size_t kMostHistory = 100;
};

/// What a rollout's standing tells those who act.
enum class RolloutVerdict : uint8_t { wait, promote, rollback };
std::string_view name_of(RolloutVerdict verdict);

/// How rollouts stand by what is on `tidewatch.rollouts`.
class RolloutBoard {
 public:
  /// Promotions and rollbacks are of their run alone: after so long a treatment is another one.
  static constexpr Duration kValidFor = std::chrono::hours(1);

  void take(const Record& record);  ///< what is no decision is left out
  const RolloutStanding* find(std::string_view name) const;
  const std::map<std::string, RolloutStanding, std::less<>>& all() const { return standings_; }

  /// What was decided at `since` or later, and within the hour before `now`; else to wait.
  RolloutVerdict verdict(std::string_view name, Timestamp now, Timestamp since = kMinTimestamp) const;

 private:
  std::map<std::string, RolloutStanding, std::less<>> standings_;
};

}  // namespace tidewatch
